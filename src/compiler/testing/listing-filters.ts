/** Filters on numbers, callers and texts. */
import type { ListingSample } from "./listing-sample.ts";

const kill = { call: "kill", nr: 62 };
const mkdir = { call: "mkdir", nr: 83 };
const ROOT = { ids: { uid: 0 } };

export const FILTER_SAMPLES: readonly ListingSample[] = [
  {
    ...kill,
    name: "compare-signed",
    filter: "PARAMS[1] < -1",
    denied: [
      [-2, 9],
      [0xffff_fffen, 9],
    ],
    made: [
      [-1, 9],
      [0, 9],
    ],
  },
  {
    call: "munmap",
    nr: 11,
    name: "compare-unsigned",
    filter: "PARAMS[2] > 0x1000",
    denied: [
      [0, 0x1001],
      [0, -1],
    ],
    made: [[0, 0x1000]],
  },
  {
    ...kill,
    name: "ranges",
    filter: "PARAMS[2] in (1..3, 9)",
    denied: [
      [1, 1],
      [1, 3],
      [1, 9],
    ],
    made: [
      [1, 0],
      [1, 4],
      [1, 10],
      [1, -9],
    ],
  },
  {
    ...kill,
    name: "truth",
    filter: "PARAMS[2]",
    denied: [
      [1, 1],
      [1, -1],
    ],
    made: [[1, 0]],
  },
  {
    ...mkdir,
    name: "bits",
    filter: "PARAMS[2] & 0022",
    denied: [
      ["/d", 0o20],
      ["/d", 0o777],
    ],
    made: [["/d", 0o755]],
  },
  {
    ...kill,
    name: "and",
    filter: "PARAMS[1] == 1 && PARAMS[2] == 9",
    denied: [[1, 9]],
    made: [
      [1, 8],
      [2, 9],
    ],
  },
  {
    ...kill,
    name: "or",
    filter: "PARAMS[1] == 1 || PARAMS[2] == 9",
    denied: [
      [1, 8],
      [2, 9],
    ],
    made: [[2, 8]],
  },
  {
    ...kill,
    name: "not",
    filter: "!(PARAMS[1] == 1 || PARAMS[2] == 9)",
    denied: [[2, 8]],
    made: [
      [1, 8],
      [2, 9],
    ],
  },
  {
    ...kill,
    name: "division",
    filter: "PARAMS[1] / PARAMS[2] == -3",
    denied: [
      [-7, 2],
      [7, -2],
    ],
    made: [
      [7, 2],
      [7, 0],
      [-8, 2],
    ],
  },
  {
    ...kill,
    name: "remainder",
    filter: "PARAMS[1] % PARAMS[2] == -1",
    denied: [
      [-7, 2],
      [-7, -2],
    ],
    made: [
      [7, 2],
      [7, 0],
    ],
  },
  {
    ...kill,
    name: "shift",
    filter: "1 << PARAMS[2] == 512",
    denied: [[1, 9]],
    made: [
      [1, 8],
      [1, 64 + 10],
    ],
  },
  {
    ...kill,
    name: "variable",
    filter: "UID != 0",
    caller: { ids: { uid: 7 } },
    other: ROOT,
    denied: [[1, 9]],
    made: [],
  },
  {
    ...kill,
    name: "variables",
    filter: "UID == EUID",
    caller: ROOT,
    other: { ids: { uid: 0, euid: 1 } },
    denied: [[1, 9]],
    made: [],
  },
  {
    ...kill,
    name: "parent",
    filter: "PPID == 4000",
    caller: { ppid: 4000 },
    other: { ppid: 4001 },
    denied: [[1, 9]],
    made: [],
  },
  {
    ...kill,
    name: "ancestor",
    filter: 'descends_from("sshd")',
    caller: { pcomm: "sshd" },
    other: { pcomm: "cron" },
    denied: [[1, 9]],
    made: [],
  },
  {
    ...kill,
    name: "mount-namespace",
    filter: "MNTNS != 4026531841",
    caller: { mntns: 4026532001 },
    other: {},
    denied: [[1, 9]],
    made: [],
  },
  {
    ...kill,
    name: "thread-name",
    filter: 'COMM startswith "ab"',
    caller: { comm: "abc" },
    other: { comm: "bab" },
    denied: [[1, 9]],
    made: [],
  },
  {
    ...mkdir,
    name: "text",
    filter: 'PARAMS[1] == "/x"',
    denied: [["/x", 0]],
    made: [
      ["/y", 0],
      ["/xx", 0],
    ],
  },
  {
    ...mkdir,
    name: "text-end",
    filter: 'PARAMS[1] endswith "/x"',
    denied: [
      ["/x", 0],
      ["/y/x", 0],
    ],
    made: [
      ["x", 0],
      ["/x/", 0],
    ],
  },
  {
    ...mkdir,
    name: "regex",
    filter: 'PARAMS[1] =~ "^/x|y\\.[0-9]+$"',
    denied: [
      ["/x", 0],
      ["/xa", 0],
      ["/y.12", 0],
    ],
    made: [
      ["a/x", 0],
      ["/y.12a", 0],
      ["/yy12", 0],
      ["", 0],
    ],
  },
  {
    ...mkdir,
    name: "not-regex",
    filter: 'PARAMS[1] !~ ("^/x", "(?i)Y")',
    denied: [
      ["/a", 0],
      ["a/x", 0],
    ],
    made: [
      ["/x", 0],
      ["/ay", 0],
      ["/xY", 0],
    ],
  },
  {
    ...kill,
    name: "same-name",
    filter: "COMM == PCOMM",
    caller: { comm: "sh", pcomm: "sh" },
    other: { comm: "sh", pcomm: "sha" },
    denied: [[1, 9]],
    made: [],
  },
  {
    ...mkdir,
    name: "two-texts",
    filter: "PARAMS[1] >= COMM",
    caller: { comm: "b" },
    other: { comm: "c" },
    denied: [
      ["b", 0],
      ["ba", 0],
      ["bzz", 0],
    ],
    made: [
      ["", 0],
      ["a", 0],
    ],
  },
  {
    call: "prctl",
    nr: 157,
    name: "string-by-command",
    filter: 'PARAMS[1] == PR_SET_NAME && PARAMS[2] == "x"',
    denied: [[15, "x"]],
    made: [
      [15, "y"],
      [16, "x"],
      [1, 9],
    ],
  },
  {
    call: "unlinkat",
    nr: 263,
    as: "unlink",
    name: "guard",
    denied: [[-100, "/x", 0]],
    made: [[-100, "/x", 0x200]],
  },
];
