/** What one call costs its caller while a tool watches, as a multiple of what it costs without. */
import { type Contender, contenders, type Watch } from "../contenders/index.ts";
import { measure, type Outcome, runsOf } from "../measure.ts";
import { alternate, median } from "../statistics.ts";
import { formatNs, formatRatio, formatTable } from "../table.ts";
import { COMM, type Loop } from "../trigger.ts";

interface Scenario {
  readonly title: string;
  readonly watch: Watch;
  readonly fast: Loop;
  /** For tools that need tens of microseconds a call. */
  readonly slow: Loop;
}

const getppid = {
  fast: { batches: 60, count: 2000, nr: 110 },
  slow: { batches: 20, count: 250, nr: 110 },
};
/** A reader that has read everything is woken by the next event: that is what a busy machine with few matches pays. */
const paced = { batches: 2000, count: 1, nr: 110, gapNs: 200_000 };
const unlink = {
  fast: { batches: 60, count: 1000, nr: 87, argument: "@/no/such/file" },
  slow: { batches: 20, count: 250, nr: 87, argument: "@/no/such/file" },
};

const rule = (call: string, filter: string, more = ""): string =>
  `rule { syscall_name = ${call} ${more} filter_expression { ${filter} } action { type = LOG } }\n`;
const counting = (what: string, more = ""): string =>
  `rule { syscall_name = getppid ${more} filter_expression { ${own} } action { type = COUNT ${what} } }\n`;
const own = `COMM == "${COMM}"`;
const ownProbe = `comm == "${COMM}"`;

const scenarios: readonly Scenario[] = [
  {
    title: "call not named",
    ...getppid,
    watch: {
      rules: rule("unlink", own),
      strace: ["-e", "trace=unlink"],
      perf: ["-e", "unlink"],
      bpftrace: `tracepoint:syscalls:sys_enter_unlink /${ownProbe}/ { printf("unlink %d\\n", pid); }`,
    },
  },
  {
    title: "named, another process",
    ...getppid,
    watch: {
      rules: rule("getppid", 'COMM == "nobody"'),
      bpftrace: `tracepoint:syscalls:sys_enter_getppid /comm == "nobody"/ { printf("getppid %d\\n", pid); }`,
    },
  },
  {
    title: "matched, no text",
    ...getppid,
    watch: {
      rules: rule("getppid", own),
      strace: ["-e", "trace=getppid"],
      perf: ["-e", "getppid"],
      bpftrace: `tracepoint:syscalls:sys_enter_getppid /${ownProbe}/ { printf("getppid %s %d\\n", comm, pid); }`,
    },
  },
  {
    title: "matched, 200 µs apart",
    fast: paced,
    slow: paced,
    watch: {
      rules: rule("getppid", own),
      strace: ["-e", "trace=getppid"],
      perf: ["-e", "getppid"],
      bpftrace: `tracepoint:syscalls:sys_enter_getppid /${ownProbe}/ { printf("getppid %s %d\\n", comm, pid); }`,
    },
  },
  {
    title: "path compared, differs",
    ...unlink,
    watch: {
      rules: rule("unlink", `${own} && PARAMS[1] == "/no/other/file"`),
      strace: ["-e", "trace=unlink", "-P", "/no/other/file"],
      bpftrace: `tracepoint:syscalls:sys_enter_unlink /${ownProbe} && str(args->pathname) == "/no/other/file"/ { printf("unlink %d\\n", pid); }`,
    },
  },
  {
    title: "path compared, matched",
    ...unlink,
    watch: {
      rules: rule("unlink", `${own} && PARAMS[1] == "/no/such/file"`),
      strace: ["-e", "trace=unlink", "-P", "/no/such/file"],
      bpftrace: `tracepoint:syscalls:sys_enter_unlink /${ownProbe} && str(args->pathname) == "/no/such/file"/ { printf("unlink %s %d %s\\n", comm, pid, str(args->pathname)); }`,
    },
  },
  {
    title: "matched, path and result",
    ...unlink,
    watch: {
      rules: rule("unlink", own, "when = after"),
      strace: ["-e", "trace=unlink"],
      perf: ["-e", "unlink"],
      bpftrace:
        `tracepoint:syscalls:sys_enter_unlink /${ownProbe}/ { @path[tid] = str(args->pathname); } ` +
        `tracepoint:syscalls:sys_exit_unlink /${ownProbe}/ { printf("unlink %s %d %s %d\\n", comm, pid, @path[tid], args->ret); delete(@path[tid]); }`,
    },
  },
  {
    title: "counted by name",
    ...getppid,
    watch: {
      rules: counting("by COMM"),
      bpftrace: `tracepoint:syscalls:sys_enter_getppid /${ownProbe}/ { @[comm] = count(); }`,
    },
  },
  {
    title: "histogram of the time",
    ...getppid,
    watch: {
      rules: counting("hist DURATION", "when = after"),
      bpftrace:
        `tracepoint:syscalls:sys_enter_getppid /${ownProbe}/ { @start[tid] = nsecs; } ` +
        "tracepoint:syscalls:sys_exit_getppid /@start[tid]/ { @ = hist(nsecs - @start[tid]); delete(@start[tid]); }",
    },
  },
];

const SLOW = /^(strace|perf|bpftrace)/;

export async function measureCalls(rounds: number): Promise<string> {
  const rows = contenders.map(({ name }) => [name]);
  for (const { title, watch, fast, slow } of scenarios) {
    console.error(`calls: ${title}`);
    const run = (contender: Contender): Promise<Outcome> =>
      measure(contender, watch, SLOW.test(contender.name) ? slow : fast);
    const results = await alternate(rounds, contenders, run);
    const costs = results.map(cost);
    const [base] = costs;
    costs.forEach((ns, i) => {
      const lost = (results[i] ?? []).reduce((sum, outcome) => sum + lostIn(outcome), 0);
      const text = cell(ns, i === 0 ? undefined : (base as number));
      (rows[i] as string[]).push(lost === 0 ? text : `${text}, ${lost} lost`);
    });
  }
  return formatTable(["cost of a call", ...scenarios.map(({ title }) => title)], rows);
}

function cost(outcomes: readonly Outcome[]): number | string {
  const runs = runsOf(outcomes);
  return typeof runs === "string" ? runs : median(runs.map(({ callNs }) => median(callNs)));
}

function cell(ns: number | string, base: number | undefined): string {
  if (typeof ns === "string") return ns;
  if (base === undefined) return formatNs(ns);
  const added = ns - base;
  return `${formatRatio(ns / base)} (${added < 0 ? "−" : "+"}${formatNs(Math.abs(added))})`;
}

function lostIn(outcome: Outcome): number {
  return outcome.kind === "run" ? (outcome.run.reportedLost ?? 0) : 0;
}
