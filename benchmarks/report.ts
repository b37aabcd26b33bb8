/** The tables with what a reader must know to read them. */

export interface Report {
  readonly tables: Readonly<
    Record<"calls" | "rules" | "throughput" | "loading", string | undefined>
  >;
  readonly rounds: number;
  readonly machine: readonly string[];
  /** Load average before and after. */
  readonly load: readonly [string, string];
}

const EXPLANATIONS: Readonly<Record<keyof Report["tables"], string>> = {
  calls: `## One call

Time from before the call to after it, as its caller sees it, output to /dev/null; first row: the time without
anybody watching, all others: how many times that, and what is added, and what the tool says it lost ("N lost"; \`sct\`
counts, bpftrace and perf say so among their lines at most). "cannot be asked": the tool has no such filter. "Path compared" means a condition on the
text of the parameter; "another process" a condition on the thread's name that does not hold.

Where the kernel lets \`sct watch\` use raw tracepoints only (\`sct doctor\` tells), every call of the machine passes
them, and a second one where a rule shows text or results. With fentry only the named calls pay.`,
  rules: `## Number of rules

\`sct watch\` with that many rules, none of which matches.`,
  throughput: `## Events in one go

A loop that makes nothing but matched calls. \`calls/s\`: how fast the loop runs while it is watched.
\`events/s\`: lines written, from the first call to the end of the tool after its last line. Lines are counted at the end
of a pipe; the slow tools are given fewer calls.`,
  loading: `## Start

From the start of the tool to the first moment at which it watches, and its largest resident memory. The event
ring of \`sct watch\` (64 MiB) is mapped twice in a row and counts twice.`,
};

export function reportPage(report: Report): string {
  const { tables, rounds, machine, load } = report;
  const parts = (Object.keys(EXPLANATIONS) as (keyof Report["tables"])[]).flatMap((part) => {
    const table = tables[part];
    return table === undefined ? [] : [`${EXPLANATIONS[part]}\n\n${table}`];
  });
  return `# Benchmarks

Made by \`npm run bench -- --write\`, which measures all contenders in turn (A B C A B C …, ${rounds} rounds, medians).

${[...machine, new Date().toISOString().slice(0, 10)].map((line) => `- ${line}`).join("\n")}
- Load average ${load[0]} before and ${load[1]} after: other work shared the machine, so read ratios, not times.

${parts.join("\n\n")}
`;
}
