/** How long it takes until calls are watched, and how much memory the watching takes. */
import {
  bpftrace,
  type Contender,
  perfTrace,
  sctText,
  straceAll,
  type Watch,
} from "../contenders/index.ts";
import { measure, runsOf } from "../measure.ts";
import { alternate, median } from "../statistics.ts";
import { formatTable } from "../table.ts";
import type { Loop } from "../trigger.ts";
import { rulesForCall } from "./rules.ts";

const none: Loop = { batches: 2, count: 1, nr: 39 };

const other: Watch = {
  rules: rulesForCall(1),
  strace: ["-e", "trace=unlink"],
  perf: ["-e", "unlink"],
  bpftrace: 'tracepoint:syscalls:sys_enter_unlink { printf("unlink %s\\n", str(args->pathname)); }',
};

const settings: readonly { name: string; contender: Contender; watch: Watch }[] = [
  ...[1, 100, 1000].map((count) => ({
    name: `sct watch, ${count} ${count === 1 ? "rule" : "rules"}`,
    contender: sctText,
    watch: { rules: rulesForCall(count) },
  })),
  ...[straceAll, bpftrace, perfTrace].map((contender) => ({
    name: contender.name,
    contender,
    watch: other,
  })),
];

export async function measureLoading(rounds: number): Promise<string> {
  console.error("loading");
  const results = await alternate(rounds, settings, ({ contender, watch }) =>
    measure(contender, watch, none),
  );
  const rows = results.map((outcomes, i) => {
    const { name } = settings[i] as { name: string };
    const runs = runsOf(outcomes);
    if (typeof runs === "string") return [name, runs];
    const loadMs = median(runs.map((run) => run.loadMs));
    const peakMib = median(runs.map((run) => run.peakKib)) / 1024;
    // a tool that has ended before it was looked at
    const memory = peakMib === 0 ? "not seen" : `${peakMib.toFixed(0)} MiB`;
    return [name, `${loadMs.toFixed(0)} ms`, memory];
  });
  return formatTable(["until calls are watched", "time", "memory, peak"], rows);
}
