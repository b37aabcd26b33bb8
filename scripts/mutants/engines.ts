/** Important lines of the engines: decisions, limits, counters, rule sets that are taken over. */
import { type MutatedRoom, mutants } from "./mutant.ts";

export const engines: MutatedRoom = {
  name: "engines",
  tests: [
    "src/engines/supervised/*.test.ts",
    "src/engines/trace/*.test.ts",
    "src/engines/kernel/{counters,known-generations,holders}.test.ts",
  ],
  mutants: mutants([
    [
      "engines/supervised/decide",
      "if (!resumed.has(rule)) suspends.push({ rule, timeoutNs: action.timeoutNs });",
      "suspends.push({ rule, timeoutNs: action.timeoutNs });",
    ],
    [
      "engines/supervised/decide",
      "if (errno === 0) errno = action.errno;",
      "errno = action.errno;",
    ],
    [
      "engines/supervised/decide",
      "const acted = new Set([...(same?.acted ?? NONE), ...all.map(({ rule }) => rule)]);",
      "const acted = new Set(all.map(({ rule }) => rule));",
    ],
    [
      "engines/supervised/limiter",
      'return window.count <= count ? "reported" : "held back";',
      'return window.count < count ? "reported" : "held back";',
    ],
    [
      "engines/supervised/limiter",
      "nowNs - window.start >= periodNs",
      "nowNs - window.start > periodNs",
    ],
    [
      "engines/supervised/may-mean",
      "return mayHold(expr.operand, directory, !isNegated);",
      "return mayHold(expr.operand, directory, isNegated);",
    ],
    [
      "engines/supervised/races",
      'if (memory || files || descriptors) races.add("memory");',
      'if (memory || descriptors) races.add("memory");',
    ],
    [
      "engines/trace/births",
      "else if (registers !== undefined) this.#restore(child, registers);\n    begin?.();",
      "begin?.();",
    ],
    [
      "engines/trace/looks-back",
      "if (fleeting || cmdline || path) return false;",
      "if (fleeting || cmdline) return false;",
    ],
    [
      "engines/kernel/known-generations",
      "if (generation === kept || oldest.end > position) return;",
      "if (oldest.end > position) return;",
    ],
    [
      "engines/kernel/known-generations",
      "const isFuture = inForce > 0 && generation.generation > inForce;",
      "const isFuture = generation.generation > inForce;",
    ],
    [
      "engines/kernel/manifest",
      "return manifest.format === MANIFEST_FORMAT ? [manifest] : [];",
      "return [manifest];",
    ],
    [
      "engines/kernel/manifest",
      ".sort((x, y) => x.generation.generation - y.generation.generation);",
      "",
    ],
    [
      "engines/kernel/counters",
      "matched: delivered + limited + dropped + sum(CounterOffset.counted),",
      "matched: delivered + limited + sum(CounterOffset.counted),",
    ],
    [
      "engines/kernel/counters",
      "missed: sum(CounterOffset.missed) + rarely(RareCounterOffset.missed),",
      "missed: sum(CounterOffset.missed),",
    ],
    ["engines/kernel/counters", "skipped += recursionMisses;", ""],
    ["engines/kernel/holders", 'root === "/" ? "" : root', '""'],
  ]),
};
