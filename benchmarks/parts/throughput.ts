/** A loop that only makes matched calls, as fast as it can: what arrives, how fast, and what is lost. */
import { execFileSync } from "node:child_process";
import { rmSync } from "node:fs";
import { join } from "node:path";
import {
  bpftrace,
  type Contender,
  perfTrace,
  sctJson,
  sctText,
  straceSeccomp,
  type Watch,
} from "../contenders/index.ts";
import { Tool } from "../contenders/tool.ts";
import { measure } from "../measure.ts";
import { formatCount, formatTable } from "../table.ts";
import { COMM, callsOf, type Loop, workplace } from "../trigger.ts";

const CALL = "getppid";
const many: Loop = { batches: 30, count: 100_000, nr: 110 };
const fewer: Loop = { batches: 30, count: 30_000, nr: 110 };
const some: Loop = { batches: 30, count: 5_000, nr: 110 };
const few: Loop = { batches: 30, count: 1_000, nr: 110 };

const watch: Watch = {
  rules: `rule { syscall_name = ${CALL} filter_expression { COMM == "${COMM}" } action { type = LOG } }`,
  strace: ["-e", `trace=${CALL}`],
  perf: ["-e", CALL],
  bpftrace: `tracepoint:syscalls:sys_enter_${CALL} /comm == "${COMM}"/ { printf("${CALL} %s %d\\n", comm, pid); }`,
};

const runs: readonly (readonly [Contender, Loop, "null" | "counted"])[] = [
  [sctText, many, "null"],
  [sctText, many, "counted"],
  [sctJson, fewer, "null"],
  [sctJson, fewer, "counted"],
  [straceSeccomp, few, "counted"],
  [bpftrace, some, "counted"],
  [perfTrace, few, "counted"],
];

export async function measureThroughput(): Promise<string> {
  const rows: string[][] = [];
  for (const [contender, loop, target] of runs) {
    console.error(`throughput: ${contender.name} (${target})`);
    const counter = target === "counted" ? new LineCounter() : undefined;
    const outcome = await measure(contender, watch, loop, counter?.path ?? "/dev/null");
    const name = `${contender.name} > ${target === "null" ? "/dev/null" : "grep -c"}`;
    if (outcome.kind === "none") {
      counter?.abandon();
      rows.push([name, outcome.reason]);
      continue;
    }
    const { totalMs, reportedLost, callNs } = outcome.run;
    const calls = callsOf(loop);
    const arrived = await counter?.count();
    const delivered = arrived ?? calls - (reportedLost ?? 0);
    const loopMs = (callNs.reduce((sum, ns) => sum + ns, 0) * loop.count) / 1e6;
    rows.push([
      name,
      formatCount(calls),
      formatCount(Math.round(calls / (loopMs / 1000))),
      formatCount(Math.round(delivered / (totalMs / 1000))),
      reportedLost === undefined ? "does not say" : formatCount(reportedLost),
      arrived === undefined ? "–" : formatCount(calls - arrived),
    ]);
  }
  const head = [
    "matched calls in one go",
    "calls",
    "calls/s",
    "events/s to the last line",
    "lost, says the tool",
    "lines missing",
  ];
  return formatTable(head, rows);
}

/** A pipe with a name and a `grep -c` at its end. */
class LineCounter {
  readonly path = join(workplace, "lines");
  private readonly grep: Tool;

  constructor() {
    rmSync(this.path, { force: true });
    execFileSync("mkfifo", [this.path]);
    this.grep = new Tool(["sh", "-c", `exec grep -acF ${CALL} < ${this.path}`], "pipe");
  }

  async count(): Promise<number> {
    await this.grep.ended;
    return Number(this.grep.stdout);
  }

  abandon(): void {
    this.grep.child.kill();
  }
}
