/**
 * `node benchmarks/scale.ts [--most 10000]`: what a call costs with many rules on it that differ in constants, how long they take to
 * load, and the memory that `sct watch` has at most meanwhile. Prints a table for docs/benchmarks.md. Needs root and gcc.
 */
import { readOptions } from "../scripts/options.ts";
import { bare, sctText } from "./contenders/index.ts";
import { measure, runsOf } from "./measure.ts";
import { alternate, median } from "./statistics.ts";
import { formatCount, formatNs, formatTable } from "./table.ts";
import type { Loop } from "./trigger.ts";

const USAGE = `Usage: node benchmarks/scale.ts [--most N] [--rounds N]
Measure calls with up to N rules on them (10000).`;
const { values } = readOptions(USAGE, {
  most: { type: "string", default: "10000" },
  rounds: { type: "string", default: "2" },
});
const COUNTS = [1, 100, 1000, 10_000].filter((count) => count <= Number(values.most));
const OPENAT = 257;
const UID = process.getuid?.() ?? 0;
const MIB = 1024;

const path = (n: number): string => `/srv/data/${n}/file.log`;
const equal = (n: number): string => `PARAMS[2] == "${path(n)}"`;
const prefix = (n: number): string => `PARAMS[2] startswith "/srv/data/${n}/"`;
const glob = (n: number): string => `PARAMS[2] matches "/srv/data/${n}/*.log"`;

const KINDS: readonly (readonly [name: string, filter: (n: number) => string])[] = [
  ["equality", equal],
  ["prefix", prefix],
  ["glob", glob],
  [
    "each in turn, with an id",
    (n) => `${[equal, prefix, glob][n % 3]?.(n) ?? ""} && UID in (${UID}, ${n + 5000})`,
  ],
];

function loopOn(opened: string): Loop {
  return { batches: 40, count: 500, nr: OPENAT, argument: `@${opened}` };
}

function rulesOf(filter: (n: number) => string, count: number): string {
  return Array.from(
    { length: count },
    (_, n) =>
      `rule { rule_name = r${n} syscall_name = openat filter_expression { ${filter(n)} } action { type = LOG } }`,
  ).join("\n");
}

interface Measured {
  readonly callNs: number;
  readonly loadMs: number;
  readonly peakKib: number;
}

async function measured(rules: string, opened: string): Promise<Measured> {
  const contender = rules === "" ? bare : sctText;
  const outcomes = await alternate(Number(values.rounds), [rules], () =>
    measure(contender, { rules }, loopOn(opened)),
  );
  const runs = runsOf(outcomes[0] ?? []);
  if (typeof runs === "string") throw new Error(runs);
  return {
    callNs: median(runs.map(({ callNs }) => median(callNs))),
    loadMs: median(runs.map(({ loadMs }) => loadMs ?? 0)),
    peakKib: median(runs.map(({ peakKib }) => peakKib ?? 0)),
  };
}

const rows: string[][] = [];
const bareNs = (await measured("", path(0))).callNs;
for (const [name, filter] of KINDS) {
  for (const count of COUNTS) {
    const rules = rulesOf(filter, count);
    const none = await measured(rules, "/srv/data/other/file.log");
    const last = await measured(rules, path(count - 1));
    rows.push([
      ...[name, formatCount(count)],
      ...[none, last].map(({ callNs }) => `+${formatNs(Math.max(0, callNs - bareNs))}`),
      `${(Math.min(none.loadMs, last.loadMs) / 1000).toFixed(2)} s`,
      `${(none.peakKib / MIB).toFixed(0)} MiB`,
    ]);
  }
}
console.log(`A bare call: ${formatNs(bareNs)}`);
console.log(
  formatTable(
    ["rules on openat", "number", "none matches", "the last matches", "load", "memory, peak"],
    rows,
  ),
);
