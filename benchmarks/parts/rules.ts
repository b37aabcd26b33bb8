/** What the number of rules does to a call: rules about the call itself, and rules about others. */
import { vocabulary } from "../../src/linux/index.ts";
import { bare, sctText } from "../contenders/index.ts";
import { measure, runsOf } from "../measure.ts";
import { alternate, median } from "../statistics.ts";
import { formatNs, formatRatio, formatTable } from "../table.ts";
import { COMM, type Loop } from "../trigger.ts";

const COUNTS = [1, 10, 100, 1000];
const called: Loop = { batches: 40, count: 500, nr: 87, argument: "@/no/such/file" };
const unnamed: Loop = { batches: 60, count: 2000, nr: 110 };

/** None matches: each compares the path with one of its own. */
export function rulesForCall(count: number): string {
  return numbered(
    count,
    (i) =>
      `rule { syscall_name = unlink filter_expression { COMM == "${COMM}" && PARAMS[1] == "/no/file/${i}" } ` +
      "action { type = LOG } }",
  );
}

/** As many calls as there are; then each gets more than one rule. */
function rulesForOthers(count: number): string {
  const skipped = /^(getppid|unlink|exit|exit_group)$/;
  const names = vocabulary.callNames.filter((name) => !skipped.test(name));
  return numbered(
    count,
    (i) =>
      `rule { syscall_name = ${names[i % names.length]} filter_expression { COMM == "nobody${i}" } ` +
      "action { type = LOG } }",
  );
}

function numbered(count: number, make: (i: number) => string): string {
  return Array.from({ length: count }, (_, i) => make(i)).join("\n");
}

export async function measureRules(rounds: number): Promise<string> {
  const rows: string[][] = [];
  for (const [title, loop, make] of [
    ["rules on the call, path compared", called, rulesForCall],
    ["rules on other calls", unnamed, rulesForOthers],
  ] as const) {
    console.error(`rules: ${title}`);
    const settings = [0, ...COUNTS].map((count) => ({ count, rules: make(count) }));
    const results = await alternate(rounds, settings, ({ count, rules }) =>
      measure(count === 0 ? bare : sctText, { rules }, loop),
    );
    const costs = results.map((outcomes) => {
      const runs = runsOf(outcomes);
      return typeof runs === "string" ? runs : median(runs.map(({ callNs }) => median(callNs)));
    });
    const base = costs[0] as number;
    rows.push([
      title,
      ...costs.map((ns, i) =>
        typeof ns === "string" || i === 0
          ? format(ns)
          : `${formatRatio(ns / base)} (+${formatNs(Math.max(0, ns - base))})`,
      ),
    ]);
  }
  return formatTable(["cost of a call", "bare", ...COUNTS.map((n) => `${n}`)], rows);
}

function format(ns: number | string): string {
  return typeof ns === "string" ? ns : formatNs(ns);
}
