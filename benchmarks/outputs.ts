/**
 * `node benchmarks/outputs.ts [--rate 200000] [--seconds 30] [--faulty]`: real calls through the service into a file of
 * JSON lines, beside eight outputs whose receivers take nothing with `--faulty`. Counts the lines, looks at their numbers,
 * and prints a row of Markdown for docs/history.md. The service is bin/sct of this checkout. Needs root, gcc, python3.
 */
import { execFile, execFileSync } from "node:child_process";
import {
  createReadStream,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { parseArgs, promisify } from "node:util";
import { openFaultyReceivers, section } from "../test/outputs/faulty-receivers.ts";
import { formatCount, formatTable } from "./table.ts";

const { values } = parseArgs({
  options: {
    rate: { type: "string", default: "200000" },
    seconds: { type: "string", default: "30" },
    processes: { type: "string", default: "4" },
    faulty: { type: "boolean", default: false },
  },
});
const run = promisify(execFile);
const bin = fileURLToPath(new URL("../bin/", import.meta.url));
const COMM = "sct-pace";
const RULE = `rule { rule_name = paths syscall_name = access filter_expression { COMM == "${COMM}" } action { type = LOG } }`;

const workplace = mkdtempSync(join(tmpdir(), "sct-bench-"));
const env = { ...process.env, SCT_STATE_DIR: workplace };
const sct = async (...args: readonly string[]): Promise<string> =>
  (await run(join(bin, "sct"), args, { env, maxBuffer: 1 << 28 })).stdout;

interface Status {
  readonly pid: number;
  readonly rules: readonly Record<"hits" | "delivered" | "dropped" | "throttled", number>[];
  readonly history: { readonly storedEvents: number };
  readonly outputs: readonly {
    readonly name: string;
    readonly delivered: number;
    readonly lost: number;
  }[];
}
const status = async (): Promise<Status> => JSON.parse(await sct("status", "--json")) as Status;

function peakBytes(pid: number): number {
  const text = readFileSync(`/proc/${pid}/status`, "latin1");
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(text)?.[1]) * 1024;
}

/** Lines of the file, and how many of them have a number that another has. */
async function countLines(file: string): Promise<{ lines: number; twice: number }> {
  const seen = new Set<string>();
  let lines = 0;
  for await (const line of createInterface(createReadStream(file))) {
    lines++;
    seen.add(/"seq":(\d+)/.exec(line)?.[1] ?? "");
  }
  return { lines, twice: lines - seen.size };
}

/** Until the service has moved all events, and the good output has handed over what was stored. */
async function settle(): Promise<Status> {
  for (;;) {
    const now = await status();
    const [rule] = now.rules;
    const good = now.outputs.find(({ name }) => name === "good");
    const moved = now.history.storedEvents + (rule?.throttled ?? 0);
    const handed = (good?.delivered ?? 0) + (good?.lost ?? 0);
    if (moved === rule?.delivered && handed === now.history.storedEvents) return now;
    await sleep(200);
  }
}

const pace = join(workplace, COMM);
execFileSync("gcc", [
  "-O2",
  "-static",
  "-o",
  pace,
  fileURLToPath(new URL("pace.c", import.meta.url)),
]);
const file = join(workplace, "events.json");
const good = section({ name: "good", type: "file", format: "json", path: file, max_size: 0 });
const faulty = values.faulty ? await openFaultyReceivers() : undefined;
try {
  mkdirSync(join(workplace, "etc"));
  writeFileSync(join(workplace, "etc/syscalltrack.toml"), (faulty?.configuration ?? "") + good);
  writeFileSync(join(workplace, "rule.conf"), RULE);
  await sct("load");
  await sct("config", "upload", join(workplace, "rule.conf"));
  const calls = Number(values.rate) * Number(values.seconds);
  const start = performance.now();
  const { stdout } = await run(pace, [calls, values.rate, values.processes].map(String));
  const end = performance.now();
  const { pid, rules, history, outputs } = await settle();
  const behind = performance.now() - end;
  const peak = peakBytes(pid);
  const stopping = performance.now();
  process.kill(pid, "SIGTERM");
  while (existsSync(`/proc/${pid}`)) await sleep(10);
  const stopped = performance.now() - stopping;
  const { lines, twice } = await countLines(file);
  const [{ dropped, throttled } = { dropped: 0, throttled: 0 }] = rules;
  console.error(outputs);
  const row = [
    formatCount(outputs.length - 1),
    formatCount(Math.round(calls / (Number(stdout) / 1e9))),
    formatCount(calls),
    formatCount(dropped + throttled),
    formatCount(history.storedEvents),
    formatCount(lines),
    formatCount(twice),
    `${(behind / 1000).toFixed(1)} s`,
    `${(peak / 1e6).toFixed(0)} MB`,
    `${(stopped / 1000).toFixed(1)} s`,
    `${((end - start) / 1000).toFixed(0)} s`,
    loadavg()[0]?.toFixed(1) ?? "",
  ];
  const titles = ["faulty outputs", "calls/s", "calls", "lost before", "stored", "lines", "twice"];
  const rest = ["file behind", "peak memory", "stop", "took", "load"];
  console.log(formatTable([...titles, ...rest], [row]));
} finally {
  await sct("unload").catch(() => undefined);
  faulty?.close();
  rmSync(workplace, { recursive: true, force: true });
}
