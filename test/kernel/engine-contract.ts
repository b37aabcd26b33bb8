/**
 * Opens one engine by its name and does with it what the contract of engines promises, whatever it is. Prints what became of
 * two calls as JSON. In a process of its own: an engine that traces waits for all children of its process.
 */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Engine, RecordSink } from "../../src/engines/engine.ts";
import { ENGINES } from "../../src/engines/engines.ts";
import { type CheckedRule, parseRules } from "../../src/language/index.ts";
import { vocabulary } from "../../src/linux/index.ts";

export const CALLS = 2;
const POLL_MS = 100;
const PATIENCE_MS = 60_000;
const TOKEN = 7;

/** What one engine found. */
export interface Kept {
  readonly refused: readonly string[];
  readonly sites: number;
  readonly records: number;
  readonly counters: readonly { readonly matched: number; readonly delivered: number }[];
}

/** An engine with its rules in force, and what makes the calls. */
interface Play {
  readonly engine: Engine;
  trigger(): Promise<unknown>;
  end(): void;
}

type Opening = (rules: readonly CheckedRule[], script: string, text: string) => Promise<Play>;

const shell = async (script: string): Promise<unknown> => spawnSync("/bin/sh", ["-c", script]);

const openings: Readonly<Record<keyof typeof ENGINES, Opening>> = {
  async kernel(rules, script) {
    const opened = await ENGINES.kernel.open({ rules, ringBytes: 1 << 20 });
    if (!opened.ok) throw new Error("refused");
    const { engine } = opened;
    return { engine, trigger: () => shell(script), end: () => engine.close() };
  },
  async resident(rules, script, text) {
    const runDir = mkdtempSync(join(tmpdir(), "sct-contract-"));
    const pinDir = `/sys/fs/bpf/sct-contract-${process.pid}`;
    const { engine } = await ENGINES.resident.open({ pinDir, runDir, ringBytes: 1 << 20 });
    const end = (): void => {
      engine.unload();
      rmSync(runDir, { recursive: true });
    };
    const replaced = await engine.replace(rules, text);
    if (!replaced.ok) throw new Error("refused");
    return { engine, trigger: () => shell(script), end };
  },
  async supervised(rules, script) {
    const report = (line: string): boolean => process.stderr.write(`${line}\n`);
    const options = { rules, reportsAll: true, ask: undefined, report };
    const opened = await ENGINES.supervised.open(options);
    if (!opened.ok) throw new Error("refused");
    const { engine } = opened;
    const argv = ["sh", "-c", script].map((word) => Buffer.from(word));
    const environment = [Buffer.from("PATH=/usr/bin:/bin")];
    const command = { program: Buffer.from("/bin/sh"), argv, environment };
    return { engine, trigger: () => engine.run(command), end: () => engine.close() };
  },
  async attach(rules, script) {
    const marks = JSON.stringify(
      new URL("../../src/engines/attach/index.ts", import.meta.url).href,
    );
    const program = `import { spawnSync } from "node:child_process";
      import { Mark, makeMark } from ${marks};
      process.stdout.write(String(process.pid));
      process.stdin.once("data", () => {
        makeMark(Mark.begin, ${TOKEN});
        spawnSync("/bin/sh", ["-c", ${JSON.stringify(script)}]);
        makeMark(Mark.end, ${TOKEN});
        process.exit();
      });`;
    // below a shell: libuv would take the stops of a child of this process away
    const args = ["-c", '"$@"; true', "sh", process.execPath, "--input-type=module", "-e", program];
    const traced = spawn("/bin/sh", args, { stdio: ["pipe", "pipe", "ignore"] });
    const [pid] = await once(traced.stdout, "data");
    const opened = await ENGINES.attach.open({ rules, pid: Number(pid), token: TOKEN });
    if (!opened.ok) throw new Error("refused");
    const { engine } = opened;
    const trigger = async (): Promise<void> => {
      await engine.attach();
      traced.stdin.write("go");
      await engine.events(sink, Number.POSITIVE_INFINITY);
    };
    return { engine, trigger, end: () => engine.close() };
  },
};

let records = 0;
const sink: RecordSink = {
  record() {
    records++;
  },
};

async function keep(name: keyof typeof ENGINES): Promise<Kept> {
  const path = `/sct-contract-${process.pid}`;
  const text = `rule { rule_name = seen syscall_name = rmdir filter_expression { PARAMS[1] == "${path}" }
    action { type = LOG } }`;
  const { ruleSet } = parseRules([{ name: "-e", text }], vocabulary);
  const rules = ruleSet?.rules ?? [];
  const explain = await ENGINES[name].explain();
  const refused = rules.flatMap((rule) => explain(rule).refused.map(({ message }) => message));
  const script = Array(CALLS).fill(`rmdir ${path}`).join("; ");
  const { engine, trigger, end } = await openings[name](rules, script, text);
  try {
    const deadline = performance.now() + PATIENCE_MS;
    const reading = (async () => {
      while (records < CALLS && performance.now() < deadline) await engine.events(sink, POLL_MS);
    })();
    await trigger();
    await reading;
    const { rules: counts } = engine.counters();
    const counters = counts.map(({ matched, delivered }) => ({ matched, delivered }));
    return { refused, sites: engine.sites.length, records, counters };
  } finally {
    end();
  }
}

const [, , wanted] = process.argv;
if (wanted !== undefined && wanted in openings)
  process.stdout.write(JSON.stringify(await keep(wanted as keyof typeof ENGINES)), () =>
    process.exit(),
  );
