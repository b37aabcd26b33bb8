/**
 * Runs rules in the kernel against real programs. Every test process has a user id of its own that nobody else on
 * the machine has; rules filter on it (USER), so that tests neither see nor touch what is not theirs.
 */
import assert from "node:assert/strict";
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import type { Machine } from "../../src/compiler/index.ts";
import { bootOffsetNs, eventNames } from "../../src/engines/context/index.ts";
import type { Engine, EngineCounters, RecordSink } from "../../src/engines/engine.ts";
import {
  type KernelEngineOptions,
  openKernelEngine,
  probeMachine,
} from "../../src/engines/kernel/index.ts";
import {
  EventDecoder,
  type SctEvent,
  TextBuffer,
  TextFormatter,
  WallClock,
} from "../../src/events/index.ts";
import { type CheckedRule, parseRules } from "../../src/language/index.ts";
import { vocabulary } from "../../src/linux/index.ts";
import { needs32Bit } from "../programs/runs-32-bit.ts";

/** User and group that triggers run as. */
export const USER = 1_000_000_000 + process.pid;
/** One more, for what is counted per user. */
export const OTHER_USER = USER + 500_000_000;

const PROGRAMS = new URL("../programs/", import.meta.url).pathname;
const BARE = "-O1 -static -nostdlib -fno-pie -no-pie -fno-stack-protector -fno-builtin".split(" ");

interface Workplace {
  /** Belongs to USER; triggers run in it. */
  readonly directory: string;
  readonly calls64: string;
  readonly calls32: string;
  readonly scenes: string;
}

let made: Workplace | undefined;

/** Directory and programs of this test process; removed when it ends. */
export function workplace(): Workplace {
  if (made !== undefined) return made;
  const root = mkdtempSync(join(tmpdir(), "sct-kernel-"));
  process.on("exit", () => rmSync(root, { recursive: true, force: true }));
  chmodSync(root, 0o755);
  const directory = join(root, "home");
  mkdirSync(directory);
  chownSync(directory, USER, USER);
  const build = (name: string, source: string, flags: readonly string[]): string => {
    const to = join(root, name);
    execFileSync("gcc", [...flags, "-o", to, join(PROGRAMS, source)]);
    return to;
  };
  made = {
    directory,
    calls64: build("calls64", "calls.c", ["-m64", ...BARE]),
    calls32: build("calls32", "calls.c", ["-m32", ...BARE]),
    scenes: build("scenes", "scenes.c", ["-O1", "-pthread"]),
  };
  return made;
}

/** Whether the program may make calls of the 32-bit ABI. */
function isOf32Bit(command: readonly string[]): boolean {
  return command[0] === workplace().calls32 || command.includes("int80");
}

/** False after skipping a test with 32-bit calls on a machine that has none. */
export function canPlay(t: TestContext, { triggers }: Scenario): boolean {
  return !triggers().some(isOf32Bit) || needs32Bit(t, workplace().calls32);
}

export interface Finished {
  readonly pid: number;
  readonly code: number | null;
  readonly signal: string | null;
  readonly output: string;
}

export interface RunOptions {
  readonly uid?: number;
  readonly env?: NodeJS.ProcessEnv;
}

/** Starts a program as USER in the workplace; its path must be absolute, so that it is found with one execve. */
export function start(command: readonly string[], options: RunOptions = {}): ChildProcess {
  const [path, ...args] = command;
  if (!path?.startsWith("/")) throw new Error(`${path} is not an absolute path`);
  const { directory } = workplace();
  const { uid = USER, env = {} } = options;
  return spawn(path, args, {
    uid,
    gid: uid,
    cwd: directory,
    env: { PATH: "/usr/local/bin:/usr/bin:/bin", HOME: directory, LC_ALL: "C", ...env },
    stdio: ["ignore", "pipe", "inherit"],
  });
}

/** Runs a program as `start` does until it ends. */
export function run(command: readonly string[], options?: RunOptions): Promise<Finished> {
  const child = start(command, options);
  let output = "";
  child.stdout?.setEncoding("utf8").on("data", (text: string) => {
    output += text;
  });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => resolve({ pid: child.pid ?? 0, code, signal, output }));
  });
}

/** An event with the parameters' values in a row and its lines of text. */
export type SeenEvent = SctEvent & {
  readonly values: readonly (string | number | null)[];
  readonly line: string;
};

export interface Watched {
  readonly events: readonly SeenEvent[];
  readonly lines: readonly string[];
  readonly counters: EngineCounters;
  readonly notices: readonly string[];
}

export interface Watching {
  readonly events: readonly SeenEvent[];
  /** Waits until `count` events are there. */
  until(count: number): Promise<void>;
}

/** Checked rules; fails on any error in them. */
export function checked(text: string): readonly CheckedRule[] {
  const { ruleSet, diagnostics } = parseRules([{ name: "test.conf", text }], vocabulary);
  const errors = diagnostics.filter(({ severity }) => severity === "error");
  assert.deepEqual(
    errors.map(({ message }) => message),
    [],
    text,
  );
  assert.ok(ruleSet);
  return ruleSet.rules;
}

/** Probed once: what a machine can does not change while tests run. */
let machine: Machine | undefined;

/** Emulated processors take a second to make a ring of the usual size. */
const RING = process.env["SCT_GUEST"] === undefined ? {} : { ringBytes: 8 << 20 };

/** Loads the rules; fails if the engine refuses them. */
export function open(text: string, options?: KernelEngineOptions): Engine {
  machine ??= probeMachine();
  const result = openKernelEngine(checked(text), { machine, ...RING, ...options });
  if (result.ok) return result.engine;
  assert.fail(result.diagnostics.map(({ message }) => message).join("\n"));
}

const DEADLINE_MS = 30_000;

/** Hands all records to the sink while `trigger` runs, and what is left when it has ended. */
export async function pump(
  engine: Engine,
  sink: RecordSink,
  trigger: () => Promise<unknown>,
): Promise<void> {
  let isRunning = true;
  const reading = (async () => {
    while (isRunning) await engine.events(sink, 10);
  })();
  // it is looked at again below; until then its failure must not end the process
  reading.catch(() => {});
  try {
    await trigger();
  } finally {
    isRunning = false;
    // what a program has caused is in the ring before it can be waited for
    await reading.finally(() => engine.close(sink));
  }
}

/** Runs `trigger` while the rules are loaded; all that it caused is in the result. */
export async function watch(
  text: string,
  trigger: (watching: Watching) => Promise<unknown>,
  options?: KernelEngineOptions,
): Promise<Watched> {
  workplace();
  const engine = open(text, options);
  const context = { clock: new WallClock(bootOffsetNs()), names: eventNames(), generation: 1 };
  const decoder = new EventDecoder(engine.sites, context);
  const formatter = new TextFormatter(engine.sites, context);
  const out = new TextBuffer();
  const events: SeenEvent[] = [];
  const sink: RecordSink = {
    record(memory, offset, length) {
      const event = decoder.decode(memory, offset, length);
      out.clear();
      formatter.format(memory, offset, length, out);
      const line = Buffer.from(out.view()).toString("latin1").replace(/\n$/, "");
      events.push({ ...event, line, values: event.params.map(({ value }) => value) });
    },
  };
  const until = async (count: number): Promise<void> => {
    const deadline = performance.now() + DEADLINE_MS;
    while (events.length < count) {
      assert.ok(performance.now() < deadline, `${events.length} of ${count} events came`);
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  await pump(engine, sink, () => trigger({ events, until }));
  const lines = events.flatMap(({ line }) => (line === "" ? [] : line.split("\n")));
  return { events, lines, counters: engine.counters(), notices: engine.notices };
}

/** What an event must have: equal values, a pattern for text, or a condition; other members do not matter. */
export type Expected = { readonly [K in keyof SeenEvent]?: unknown };

function fits(actual: unknown, expected: unknown): boolean {
  if (expected instanceof RegExp) return expected.test(String(actual));
  if (typeof expected === "function") return expected(actual) === true;
  if (Array.isArray(expected)) {
    if (!Array.isArray(actual) || actual.length !== expected.length) return false;
    return expected.every((item, i) => fits(actual[i], item));
  }
  if (typeof expected === "object" && expected !== null) {
    if (typeof actual !== "object" || actual === null) return false;
    return Object.entries(expected).every(([key, item]) =>
      fits((actual as Record<string, unknown>)[key], item),
    );
  }
  return Object.is(actual, expected);
}

/** Fails unless there is exactly one event for each expectation, in any order, and no other. */
export function assertEvents(events: readonly SeenEvent[], expected: readonly Expected[]): void {
  const left = [...events];
  for (const one of expected) {
    const at = left.findIndex((event) => fits(event, one));
    if (at < 0)
      assert.fail(`no event is ${show(one)}; there are:\n${events.map(brief).join("\n")}`);
    left.splice(at, 1);
  }
  if (left.length > 0) assert.fail(`nobody expected:\n${left.map(brief).join("\n")}`);
}

function show(expected: Expected): string {
  return JSON.stringify(expected, (key, value: unknown) =>
    value instanceof RegExp || typeof value === "function" ? String(value) : shorten(key, value),
  );
}

function brief(event: SeenEvent): string {
  const { rule, comm, syscall, abi, values, retval, flags } = event;
  return JSON.stringify({ rule, comm, syscall, abi, values, retval, flags }, shorten);
}

function shorten(_key: string, value: unknown): unknown {
  if (typeof value !== "string" || value.length < 100) return value;
  return `${value.slice(0, 40)}… (${value.length})`;
}

/** A situation and what must be seen of it. */
export interface Scenario {
  readonly title: string;
  readonly rules: string;
  /** Commands as words, run one after the other. */
  readonly triggers: () => readonly (readonly string[])[];
  readonly expect: readonly Expected[];
  readonly counters?: readonly Partial<EngineCounters["rules"][number]>[];
}

/** Plays one scenario and checks what came of it. */
export async function play(scenario: Scenario): Promise<Watched> {
  const watched = await watch(scenario.rules, async () => {
    for (const command of scenario.triggers()) await run(command);
  });
  assertEvents(watched.events, scenario.expect);
  scenario.counters?.forEach((counters, i) => {
    const { rules } = watched.counters;
    assert.ok(fits(rules[i], counters), JSON.stringify(rules[i]));
  });
  return watched;
}
