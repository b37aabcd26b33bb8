/**
 * `node benchmarks/history.ts [--events N]`: what a history holds and costs. First a day's worth of events (10 million)
 * in the format of real records, then real ones: a loop of getppid under a LOG rule, from the ring into the file as
 * fast as it goes. Prints tables of Markdown for docs/history.md; whole commands are those of `npm run
 * build`. Needs root and gcc for the second.
 */
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { History } from "../src/store/index.ts";
import { Day, pathOf } from "../src/store/testing/day.ts";
import { BOOT_OFFSET_NS, generation, RING, ringBytes } from "../src/store/testing/records.ts";
import { timeQuery } from "./query.ts";
import { formatCount, formatTable } from "./table.ts";

const { values } = parseArgs({
  options: { events: { type: "string", default: "10000000" }, only: { type: "string" } },
});
const sct = fileURLToPath(new URL("../bin/sct", import.meta.url));
const MAX_BYTES = 1 << 30;
const workplace = mkdtempSync(join(tmpdir(), "sct-bench-"));
process.on("exit", () => rmSync(workplace, { recursive: true, force: true }));

async function measureDay(events: number): Promise<void> {
  mkdirSync(join(workplace, "state"));
  const file = join(workplace, "state/history.db");
  const baseRss = process.memoryUsage.rss();
  const history = History.open(file, { maxBytes: MAX_BYTES, onNotice: console.error });
  history.setGenerations(RING, [generation(1, 0, "first", "second", "third")]);
  const day = new Day();
  const rare = ringBytes([{ seq: 1, path: "/etc/inetd.conf" }]);
  const chunks = Math.floor(events / Day.count);
  let position = 0;
  let storeMs = 0;
  let storeCpu = 0;
  let slowestMs = 0;
  let largest = 0;
  let peakRss = 0;
  for (let chunk = 0; chunk < chunks; chunk++) {
    day.fill(chunk * Day.count + 1);
    const isRare = chunk % Math.ceil(chunks / 3) === 5;
    for (const bytes of isRare ? [day.bytes, rare] : [day.bytes]) {
      position += bytes.length;
      const cpuBefore = process.cpuUsage();
      const before = performance.now();
      history.append({ bytes, ringId: RING, position, bootOffsetNs: BOOT_OFFSET_NS });
      const ms = performance.now() - before;
      storeMs += ms;
      const cpu = process.cpuUsage(cpuBefore);
      storeCpu += cpu.user + cpu.system;
      slowestMs = Math.max(slowestMs, ms);
    }
    peakRss = Math.max(peakRss, process.memoryUsage.rss());
    if (chunk % 64 === 0) {
      largest = Math.max(largest, history.counters().bytes);
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
  const { storedEvents, notStoredEvents } = history.counters();
  history.close();
  const size = statSync(file).size;
  const query = (path: string) => timeQuery(file, path);
  const rows = [
    ["events stored", formatCount(storedEvents)],
    ["not stored", formatCount(notStoredEvents)],
    ["processor time of an event", `${(storeCpu / storedEvents).toFixed(2)} µs`],
    [
      "events/s that this makes of one processor",
      formatCount(Math.round((storedEvents / storeCpu) * 1e6)),
    ],
    ["events/s, by the clock", formatCount(Math.round(storedEvents / (storeMs / 1000)))],
    ["slowest append of 4,096 events", `${slowestMs.toFixed(0)} ms`],
    ["memory of the process, peak", `${(peakRss / 2 ** 20).toFixed(0)} MiB`],
    ["of that, before the history was opened", `${(baseRss / 2 ** 20).toFixed(0)} MiB`],
    ["file with log, largest", `${(largest / 2 ** 20).toFixed(0)} MiB`],
    ["of that, an event", `${(size / storedEvents).toFixed(1)} bytes`],
    ["query for a path that 3 events have", query("/etc/inetd.conf")],
    ["query for a path that nothing has", query("/etc/none")],
    ["last 50 events of a path that many have", timeQuery(file, pathOf(42), 50)],
    ["the whole command for 3 events", timeCommand(sct, "log", "--path", "/etc/inetd.conf")],
    ["the same for a path that nothing has", timeCommand(sct, "log", "--path", "/etc/none")],
    ["of that, sct without a history", timeCommand(sct, "--version")],
    ["of that, Node without a program", timeCommand(process.execPath, "-e", "0")],
  ];
  console.log(
    `${formatTable(["a day of events", ""], rows)}\n\nLoad average ${loadavg()[0]?.toFixed(1)}`,
  );
}

/** The fastest and the middle one of some runs: on a busy machine most of the time is not the command's. */
function timeCommand(program: string, ...args: readonly string[]): string {
  const env = { ...process.env, SCT_STATE_DIR: workplace };
  const times = Array.from({ length: 15 }, () => {
    const before = performance.now();
    execFileSync(program, args, { env });
    return performance.now() - before;
  }).sort((a, b) => a - b);
  return `${times[0]?.toFixed(0)} ms, median ${times[7]?.toFixed(0)} ms`;
}

async function measureReal(): Promise<void> {
  const { COMM, pinned, triggerCommand } = await import("./trigger.ts");
  const { ResidentEngine } = await import("../src/engines/kernel/index.ts");
  const { bootOffsetNs } = await import("../src/engines/context/index.ts");
  const { parseRules } = await import("../src/language/index.ts");
  const { vocabulary } = await import("../src/linux/index.ts");
  const text = `rule { rule_name = loop syscall_name = getppid filter_expression { COMM == "${COMM}" } action { type = LOG } }`;
  const rules = parseRules([{ name: "bench", text }], vocabulary).ruleSet?.rules ?? [];
  const runDir = join(workplace, "run");
  mkdirSync(runDir);
  const pinDir = `/sys/fs/bpf/sct-bench-${process.pid}`;
  const engine = ResidentEngine.open({ pinDir, runDir, ringBytes: 64 << 20 });
  const file = join(workplace, "real.db");
  const history = History.open(file, { maxBytes: MAX_BYTES, onNotice: console.error });
  try {
    const replaced = await engine.replace(rules, text);
    if (!replaced.ok) throw new Error("rules were refused");
    history.setGenerations(engine.ringId, engine.generations);
    const loop = { batches: 30, count: 100_000, nr: 110 };
    const [program = "", ...args] = [...pinned, ...triggerCommand(loop)];
    const cpuBefore = process.cpuUsage();
    const start = performance.now();
    const child = spawn(program, args, { stdio: "ignore" });
    let hasEnded = false;
    const exit = once(child, "exit").then(() => {
      hasEnded = true;
      return performance.now();
    });
    const target = new Uint8Array(4 << 20);
    const { ring } = engine;
    for (let turns = 0; !hasEnded || ring.pendingBytes > 0; turns++) {
      const copied = ring.copyAvailable(target, 0, true);
      if (copied > 0) {
        const bytes = target.subarray(0, copied);
        const place = { ringId: engine.ringId, position: ring.position };
        history.append({ bytes, ...place, bootOffsetNs: bootOffsetNs() });
        ring.release();
      }
      if (copied === 0) await ring.waitReadable(50);
      else if (turns % 4 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    const end = performance.now();
    const loopMs = (await exit) - start;
    const cpu = process.cpuUsage(cpuBefore);
    const { storedEvents } = history.counters();
    const dropped = engine.counters().rules.reduce((sum, rule) => sum + rule.dropped, 0);
    const rows = [
      ["calls", formatCount(loop.batches * loop.count)],
      [
        "calls/s of the loop",
        formatCount(Math.round((loop.batches * loop.count) / (loopMs / 1000))),
      ],
      ["events stored", formatCount(storedEvents)],
      ["lost, the ring being full", formatCount(dropped)],
      ["events/s into the file", formatCount(Math.round(storedEvents / ((end - start) / 1000)))],
      ["processor time of an event", `${((cpu.user + cpu.system) / storedEvents).toFixed(2)} µs`],
      ["of the file, an event", `${(history.counters().bytes / storedEvents).toFixed(1)} bytes`],
    ];
    console.log(`\n${formatTable(["real events, as fast as they come", ""], rows)}`);
    console.log(`\nLoad average ${loadavg()[0]?.toFixed(1)}`);
  } finally {
    history.close();
    engine.unload();
  }
}

if (values.only !== "real") await measureDay(Number(values.events));
if (values.only !== "day") await measureReal();
