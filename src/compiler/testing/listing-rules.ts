/** Rules that share code, and what rules have beside a filter. */
import type { ListingSample } from "./listing-sample.ts";

const kill = { call: "kill", nr: 62 };
const mkdir = { call: "mkdir", nr: 83 };

export const RULE_SAMPLES: readonly ListingSample[] = [
  {
    ...mkdir,
    name: "alike",
    filter: 'PARAMS[1] == "/a" && PARAMS[2] == 1',
    alike: ['PARAMS[1] == "/b" && PARAMS[2] == 2'],
    from: "bundle_from",
    to: "scan_rows",
    denied: [
      ["/a", 1],
      ["/b", 2],
    ],
    made: [
      ["/a", 2],
      ["/c", 1],
    ],
  },
  {
    ...mkdir,
    name: "alike-text",
    filter: 'PARAMS[1] == "/a"',
    alike: ['PARAMS[1] startswith "/b"'],
    from: "group_walk_step",
    to: "group_walk_step_stop",
    denied: [["/a"], ["/b"], ["/bc"]],
    made: [["/ac"], ["/"]],
  },
  {
    ...kill,
    name: "alike-choice",
    filter: "PARAMS[1] == 1 && PARAMS[2] == 9",
    alike: ["PARAMS[1] == 2 && PARAMS[2] in (10..19)"],
    from: "scan_rows",
    to: "other_group",
    denied: [
      [1, 9],
      [2, 10],
      [2, 19],
    ],
    made: [
      [1, 10],
      [2, 9],
      [2, 20],
    ],
  },
  {
    ...kill,
    name: "alike-range",
    filter: "PARAMS[1] == 1 && PARAMS[2] < 9",
    alike: ["PARAMS[1] == 2 && PARAMS[2] in (-3, 100..199)"],
    from: "group_scan1_1_step",
    to: "group_scan1_1_step_other",
    denied: [
      [1, 8],
      [1, -1],
      [2, -3],
      [2, 100],
      [2, 199],
    ],
    made: [
      [1, 9],
      [2, 8],
      [2, -4],
      [2, 200],
      [3, 8],
    ],
  },
  {
    ...kill,
    name: "alike-row",
    filter: "PARAMS[1] == 1 && PARAMS[2] == 9",
    alike: ["PARAMS[1] == 2 && PARAMS[2] in (10, 11)"],
    from: "group_scan2_step",
    to: "group_scan2_step_other",
    denied: [
      [1, 9],
      [2, 11],
    ],
    made: [
      [1, 10],
      [3, 9],
    ],
  },
  { ...kill, name: "deny", from: "reported", to: "decided", denied: [[1, 9]], made: [] },
  {
    ...kill,
    name: "limit",
    more: "limit = 1/min",
    from: "limit_counting",
    to: "limit_fresh",
    denied: [
      [1, 9],
      [1, 9],
    ],
    made: [],
  },
  {
    ...kill,
    name: "occurrence",
    more: "occurrence = 1..2",
    from: "frequency",
    to: "takes",
    denied: [
      [1, 9],
      [1, 9],
    ],
    made: [[1, 9]],
  },
  {
    ...kill,
    name: "occurrence-steps",
    more: "occurrence = 1+70000",
    from: "frequency",
    to: "takes",
    denied: [[1, 9]],
    made: [
      [1, 9],
      [1, 9],
    ],
  },
  {
    ...kill,
    name: "count-per-thread",
    more: "occurrence = 1 per tid",
    from: "frequency",
    to: "count_found",
    denied: [[1, 9]],
    made: [[1, 9]],
  },
  {
    ...kill,
    name: "threshold",
    more: "threshold = 1/10s",
    from: "threshold_count",
    to: "threshold_written",
    denied: [
      [1, 9],
      [1, 9],
    ],
    made: [],
  },
  {
    ...kill,
    name: "chance",
    more: "chance = 100%",
    from: "frequency",
    to: "takes",
    denied: [[1, 9]],
    made: [],
  },
];
