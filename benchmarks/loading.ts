/**
 * `node benchmarks/loading.ts [--most 1000]`: how long rules take until they act, with `sct watch` and as an upload to the
 * service, and how long the loop of the service stalls meanwhile. Prints a table for docs/benchmarks.md. The programs are
 * bin/ of this checkout; build it before. Needs root.
 */
import { execFile, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { readOptions } from "../scripts/options.ts";
import { formatCount, formatTable } from "./table.ts";

const USAGE = `Usage: node benchmarks/loading.ts [--most N]
Measure how long rules take until they act; sets of more than N rules (1000) are left out.`;
const { values } = readOptions(USAGE, { most: { type: "string", default: "1000" } });
const COUNTS = [1, 100, 300, 1000].filter((count) => count <= Number(values.most));
const run = promisify(execFile);
const sctFile = fileURLToPath(new URL("../bin/sct", import.meta.url));
/** After the answer, until all that belongs to a load is done. */
const SETTLE_MS = 5_000;
const POLL_MS = 10;

const directory = mkdtempSync(join(tmpdir(), "sct-loading-"));
const stallFile = join(directory, "stall");
const preload = new URL("parts/loop-delay.ts", import.meta.url);
const env = {
  ...process.env,
  SCT_STATE_DIR: directory,
  NODE_OPTIONS: `--import=${preload}`,
  SCT_LOOP_DELAY: stallFile,
};
const sct = (...args: readonly string[]) => run(sctFile, args, { env, maxBuffer: 1 << 28 });

const ALL = `rule { rule_name = all syscall_name = @all filter_expression { COMM == "nobody" } action { type = LOG } }`;

function onOpen(count: number): string {
  const rule = (n: number): string =>
    `rule { rule_name = r${n} syscall_name = open filter_expression { PARAMS[1] == "/srv/data/${n}/file" && COMM == "worker${n}" } action { type = LOG } }`;
  return Array.from({ length: count }, (_, n) => rule(n)).join("\n");
}

/** Milliseconds from the start of `sct watch` to its word that it watches. */
async function watchMs(file: string): Promise<number> {
  const start = performance.now();
  const child = spawn(sctFile, ["watch", "-f", file], { env, stdio: ["ignore", "ignore", "pipe"] });
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  let said = "";
  child.stderr.on("data", (chunk: Buffer) => {
    said += chunk.toString("utf8");
    if (/^sct: watching /m.test(said)) resolve(performance.now() - start);
  });
  const ended = new Promise<void>((done) => child.once("close", () => done()));
  void ended.then(() => reject(new Error(`sct watch has ended: ${said}`)));
  try {
    return await promise;
  } finally {
    child.kill("SIGINT");
    await ended;
  }
}

/** Of the loop of that process since the last time. */
async function longestStall(pid: number): Promise<string> {
  process.kill(pid, "SIGUSR2");
  while (!existsSync(stallFile)) await sleep(POLL_MS);
  const { wall, cpu } = JSON.parse(readFileSync(stallFile, "utf8")) as {
    wall: number;
    cpu: number;
  };
  rmSync(stallFile);
  return `${wall.toFixed(0)} ms (${cpu.toFixed(0)} ms)`;
}

/** Of a service of its own, so that no set has what one before has left. */
async function serve(file: string): Promise<readonly string[]> {
  // it starts with the rules that it had
  rmSync(join(directory, "state"), { recursive: true, force: true });
  await sct("load");
  try {
    const { pid } = JSON.parse((await sct("status", "--json")).stdout) as { pid: number };
    await longestStall(pid);
    const start = performance.now();
    await sct("config", "upload", file);
    const seconds = (performance.now() - start) / 1000;
    await sleep(SETTLE_MS);
    const stall = await longestStall(pid);
    return [`${seconds.toFixed(1)} s`, stall];
  } finally {
    await sct("unload");
  }
}

try {
  const sets: readonly (readonly [name: string, text: string])[] = [
    ["1 on @all, COMM", ALL],
    ...COUNTS.map(
      (count) => [`${formatCount(count)} on open, PARAMS[1] and COMM`, onOpen(count)] as const,
    ),
  ];
  const rows: string[][] = [];
  for (const [name, text] of sets) {
    const file = join(directory, "rules.conf");
    writeFileSync(file, text);
    const watching = `${((await watchMs(file)) / 1000).toFixed(1)} s`;
    rows.push([name, watching, ...(await serve(file)), loadavg()[0]?.toFixed(1) ?? ""]);
  }
  const titles = ["rules", "sct watch", "upload", "longest stall (CPU)"];
  console.log(formatTable([...titles, "load average"], rows));
} finally {
  rmSync(directory, { recursive: true, force: true });
}
