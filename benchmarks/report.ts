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

The table shows what a tool adds to one call: the time from before the call to after it, as its
caller sees it. Output is to /dev/null. The first row is the time without any tool. The other rows
say how many times that, what is added, and what the tool says it lost ("N lost"). \`sct\` counts
losses; bpftrace and perf report them among their lines at most.

- "cannot be asked": the tool has no such filter.
- "path compared": a condition on the text of the parameter.
- "another process": a condition on the thread's name that does not hold.
- "200 µs apart": the reader of the events has read all by then and sleeps. A record wakes it, and
  that costs the caller 40 µs on some machines. So the reader of \`sct watch\` lets events gather for
  up to 10 ms (\`--latency\`), and one wake-up serves them all.

The kernel may let \`sct watch\` use raw tracepoints only; \`sct doctor\` says so. Then every call of
the machine passes them, and a second one where a rule shows text or results. With fentry only the
named calls pay.`,
  rules: `## Number of rules

These are the costs of \`sct watch\` with that many rules, none of which matches.`,
  throughput: `## Events in one go

A loop makes nothing but matched calls. \`calls/s\` says how fast the loop runs while it is watched.
\`events/s\` counts lines written, from the first call to the end of the tool after its last line.
Lines are counted at the end of a pipe. The slow tools get fewer calls.`,
  loading: `## Start

The time is from the start of the tool until it watches. The memory is its largest resident memory.
The event ring of \`sct watch\` (64 MiB) is mapped twice in a row and counts twice.`,
};

export function reportPage(report: Report): string {
  const { tables, rounds, machine, load } = report;
  const parts = (Object.keys(EXPLANATIONS) as (keyof Report["tables"])[]).flatMap((part) => {
    const table = tables[part];
    return table === undefined ? [] : [`${EXPLANATIONS[part]}\n\n${table}`];
  });
  return `# Benchmarks

This page shows what watching costs, for \`sct watch\` and other tools. This command made it:

\`\`\`
npm run bench -- --write
\`\`\`

It measures all contenders in turn: A B C A B C …, ${rounds} rounds, medians.

${[...machine, new Date().toISOString().slice(0, 10)].map((line) => `- ${line}`).join("\n")}
- Load average ${load[0]} before and ${load[1]} after: other work shared the machine, so read ratios,
  not times.

${parts.join("\n\n")}
`;
}
