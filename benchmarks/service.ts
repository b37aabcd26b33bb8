/**
 * `node benchmarks/service.ts [--calls N] [--rates 50000,100000,0]`: events through the whole service, from calls of real
 * processes by ring and service into the history; a rate of 0 is as fast as the callers can. Prints a table of Markdown
 * for docs/history.md. The service is bin/sct of this checkout: what `npm run build` has made, unless sources are newer.
 * Needs root and gcc.
 */
import { execFile, execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs, promisify } from "node:util";
import { timeQuery } from "./query.ts";
import { formatCount, formatTable } from "./table.ts";

const { values } = parseArgs({
  options: {
    calls: { type: "string", default: "2000000" },
    rates: { type: "string", default: "50000,100000,150000,0" },
    processes: { type: "string", default: "4" },
  },
});
const run = promisify(execFile);
const bin = fileURLToPath(new URL("../bin/", import.meta.url));
const source = fileURLToPath(new URL("pace.c", import.meta.url));
const COMM = "sct-pace";
const TICKS_PER_SECOND = 100;

const workplace = mkdtempSync(join(tmpdir(), "sct-bench-"));
const env = { ...process.env, SCT_STATE_DIR: workplace };
const sct = async (...args: readonly string[]): Promise<string> =>
  (await run(join(bin, "sct"), args, { env, maxBuffer: 1 << 28 })).stdout;
const pace = join(workplace, COMM);
execFileSync("gcc", ["-O2", "-static", "-o", pace, source]);

interface Status {
  readonly pid: number;
  readonly rules: readonly Record<"hits" | "delivered" | "dropped" | "throttled", number>[];
  readonly history: { readonly storedEvents: number; readonly bytes: number };
  readonly ring: { readonly pendingBytes: number };
}
const status = async (): Promise<Status> => JSON.parse(await sct("status", "--json")) as Status;

function memory(pid: number, field: string): number {
  const text = readFileSync(`/proc/${pid}/status`, "latin1");
  return Number(new RegExp(`^${field}:\\s+(\\d+) kB$`, "m").exec(text)?.[1]) * 1024;
}

function processorSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "latin1").split(") ")[1]?.split(" ") ?? [];
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

async function measure(calls: number, rate: number): Promise<string[]> {
  const before = await status();
  const cpuBefore = processorSeconds(before.pid);
  const start = performance.now();
  const { stdout } = await run(pace, [calls, rate, Number(values.processes)].map(String));
  let after = await status();
  const seen = ({ rules, history }: Status): number =>
    history.storedEvents + (rules[0]?.throttled ?? 0);
  while (
    seen(after) - seen(before) <
    (after.rules[0]?.delivered ?? 0) - (before.rules[0]?.delivered ?? 0)
  ) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    after = await status();
  }
  const seconds = (performance.now() - start) / 1000;
  const delta = (of: (status: Status) => number): number => of(after) - of(before);
  const stored = delta((s) => s.history.storedEvents);
  return [
    rate === 0 ? "as fast as they can" : formatCount(rate),
    formatCount(Math.round(calls / (Number(stdout) / 1e9))),
    formatCount(stored),
    formatCount(Math.round(stored / seconds)),
    formatCount(delta((s) => s.rules[0]?.throttled ?? 0)),
    formatCount(delta((s) => s.rules[0]?.dropped ?? 0)),
    `${(((processorSeconds(before.pid) - cpuBefore) * 1e6) / delta((s) => s.rules[0]?.delivered ?? 0)).toFixed(2)} µs`,
    `${(memory(before.pid, "VmHWM") / 2 ** 20).toFixed(0)} MiB`,
    formatCount(delta((s) => s.history.bytes)),
    loadavg()[0]?.toFixed(1) ?? "",
  ];
}

try {
  const rules = join(workplace, "rules.conf");
  mkdirSync(join(workplace, "state"), { mode: 0o700 });
  writeFileSync(
    rules,
    `rule { rule_name = paths syscall_name = access filter_expression { COMM == "${COMM}" } action { type = LOG } }`,
  );
  await sct("load");
  await sct("config", "upload", rules);
  const rows: string[][] = [];
  for (const rate of values.rates.split(",").map(Number)) {
    rows.push(await measure(Number(values.calls), rate));
    console.error(rows.at(-1)?.join(" | "));
  }
  console.log(
    formatTable(
      [
        "calls/s wanted",
        "made",
        "stored",
        "events/s",
        "throttled",
        "dropped",
        "cpu/event",
        "peak memory",
        "bytes",
        "load",
      ],
      rows,
    ),
  );
  const file = join(workplace, "state/history.db");
  const few = "/srv/www/site/node_modules/package-0099999/index.js";
  const questions = [
    ["path of 1 of 200,000 events", timeQuery(file, few)],
    ["path that nothing has", timeQuery(file, "/etc/none")],
    [
      "last 50 events of a path that 1 of 200 has",
      timeQuery(file, few.replace("99999", "00042"), 50),
    ],
  ];
  console.log(`\n${formatTable(["query", "time"], questions)}`);
} finally {
  await sct("unload");
  rmSync(workplace, { recursive: true, force: true });
}
