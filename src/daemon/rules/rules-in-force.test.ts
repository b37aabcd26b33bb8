import assert from "node:assert/strict";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { LoadAbortedError } from "../../bpf/index.ts";
import type { Generation, ReplaceResult } from "../../engines/kernel/index.ts";
import { workOn } from "../composing/job.ts";
import type { ServiceEngine } from "../engine.ts";
import { findPaths } from "../paths.ts";
import type { ChangeAnswer, ErrorAnswer } from "../socket/protocol.ts";
import { RulesInForce } from "./rules-in-force.ts";

const MINUTE_MS = 60_000;
const TEXTS = {
  a: 'rule { rule_name = a syscall_name = unlink filter_expression { PARAMS[1] == "/a" } action { type = LOG } }',
  b: 'rule { rule_name = b syscall_name = unlink filter_expression { PARAMS[1] == "/b" } action { type = LOG } }',
  c: 'rule { rule_name = c syscall_name = unlink filter_expression { PARAMS[1] == "/c" } action { type = LOG } }',
} as const;

/** An engine that loads what it is given, unless `refusal` says otherwise. */
class FakeEngine {
  refusal: (() => ReplaceResult) | undefined;
  /** What a change waits for. */
  gate: Promise<void> | undefined;
  /** A change waits. */
  readonly asked = Promise.withResolvers<void>();
  abort: (() => void) | undefined;
  onChanged = (): void => {};
  current: Generation | undefined;

  async replace(rules: Generation["rules"], source: string): Promise<ReplaceResult> {
    if (this.gate !== undefined) this.asked.resolve();
    await this.gate;
    if (this.refusal !== undefined) return this.refusal();
    const generation = (this.current?.generation ?? 0) + 1;
    const common = { loadedAtMs: 0, firstSite: 0, sites: [], notices: [] };
    this.current = { generation, rules, source, ...common };
    return { ok: true, generation: this.current };
  }

  abortLoading(): void {
    this.abort?.();
  }

  get names(): string {
    return (this.current?.rules ?? []).map(({ name }) => name).join(" ");
  }
}

function open(t: TestContext) {
  const directory = mkdtempSync(join(tmpdir(), "sct-rules-"));
  t.after(() => rmSync(directory, { recursive: true }));
  const paths = findPaths(directory);
  const engine = new FakeEngine();
  const start = (): RulesInForce =>
    new RulesInForce(engine as Partial<ServiceEngine> as ServiceEngine, paths, {
      onRetired: () => {},
      onChanged: () => engine.onChanged(),
      report: () => {},
      compose: async (job) => workOn(job),
    });
  const rules = start();
  const put = (name: keyof typeof TEXTS, revertAfterMs?: number) =>
    rules.replace([{ name: `${name}.conf`, text: TEXTS[name] }], [], revertAfterMs);
  return { paths, engine, rules, put, start };
}

const refused: () => ReplaceResult = () => ({ ok: false, diagnostics: [] });

function notices(answer: ChangeAnswer | ErrorAnswer): readonly string[] {
  assert.ok(answer.ok);
  return answer.notices;
}

/** Lets the queue of changes get on while timers are not real. */
/** Resolves when changes are made that were asked for, by a timer or somebody, or that were refused since the end has come. */
async function settle(rules: RulesInForce): Promise<void> {
  await assert.rejects(
    rules.end(() => assert.fail("only asked")),
    /only asked/,
  );
}

test("rules that come back are the last that were confirmed, not others that wait to be", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const { engine, rules, put } = open(t);
  await put("a");
  assert.deepEqual(notices(await put("b", MINUTE_MS)), []);
  assert.match(
    notices(await put("c", MINUTE_MS)).join(),
    /the rules before these were not confirmed either/,
  );
  t.mock.timers.tick(MINUTE_MS);
  await settle(rules);
  assert.equal(engine.names, "a");
  assert.equal(rules.revert.inMs, null);
});

for (const [what, refusal] of [
  ["is refused", refused],
  ["fails", () => assert.fail("no memory")],
] as const) {
  test(`a replacement that ${what} leaves the time of those before it`, async (t) => {
    t.mock.timers.enable({ apis: ["setTimeout"] });
    const { paths, engine, rules, put } = open(t);
    await put("a");
    engine.refusal = refusal;
    await put("b", MINUTE_MS).catch(() => {});
    assert.equal(rules.revert.inMs, null, "nothing was replaced");
    assert.equal(existsSync(paths.revert), false);
    engine.refusal = undefined;
    await put("b", MINUTE_MS);
    engine.refusal = refusal;
    await put("c", 60 * MINUTE_MS).catch(() => {});
    engine.refusal = undefined;
    assert.ok((rules.revert.inMs ?? 0) <= MINUTE_MS);
    assert.ok(existsSync(paths.revert));
    t.mock.timers.tick(MINUTE_MS);
    await settle(rules);
    assert.equal(engine.names, "a");
    assert.equal(existsSync(paths.revert), false);
  });
}

test("rules that cannot be reverted in time are a problem, and it is tried again", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const { engine, rules, put } = open(t);
  await put("a");
  await put("b", MINUTE_MS);
  engine.refusal = () => assert.fail("no memory");
  t.mock.timers.tick(MINUTE_MS);
  await settle(rules);
  assert.equal(engine.names, "b");
  assert.match(rules.revert.overdue ?? "", /nobody confirmed stay in force: .*no memory/);
  engine.refusal = undefined;
  t.mock.timers.tick(MINUTE_MS);
  await settle(rules);
  assert.equal(engine.names, "a");
  assert.equal(rules.revert.overdue, undefined);
});

test("what is confirmed on a disk that lets nothing be removed is reported as coming back", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const { paths, rules, put } = open(t);
  await put("a");
  await put("b", MINUTE_MS);
  // in the way of removal for root, too
  rmSync(paths.revert);
  mkdirSync(join(paths.revert, "sub"), { recursive: true });
  await assert.rejects(rules.confirm(), {
    code: "state",
    message: /a restart takes these rules back/,
  });
  rmSync(paths.revert, { recursive: true });
  assert.deepEqual(notices(await put("c")), []);
  assert.equal(rules.revert.stale, undefined);
});

test("confirm needs no state directory", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const { paths, rules, put } = open(t);
  await put("a", MINUTE_MS);
  rmSync(paths.stateDir, { recursive: true });
  assert.equal(await rules.confirm(), true);
  assert.equal(await rules.confirm(), false);
});

test("what is confirmed is what is in force when it is answered", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const { paths, engine, rules, put } = open(t);
  await put("a");
  const gate = Promise.withResolvers<void>();
  engine.gate = gate.promise;
  let isConfirmed: boolean | undefined;
  const replaced = put("b", MINUTE_MS);
  const confirmed = rules.confirm().then((is) => {
    isConfirmed = is;
  });
  await engine.asked.promise;
  assert.equal(isConfirmed, undefined, "not before the rules are in force");
  gate.resolve();
  await Promise.all([replaced, confirmed]);
  assert.deepEqual([isConfirmed, engine.names, rules.revert.inMs], [true, "b", null]);
  assert.equal(existsSync(paths.revert), false);
});

test("rules that are being reverted cannot be confirmed", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const { engine, rules, put } = open(t);
  await put("a");
  await put("b", MINUTE_MS);
  const gate = Promise.withResolvers<void>();
  engine.gate = gate.promise;
  t.mock.timers.tick(MINUTE_MS);
  await engine.asked.promise;
  const confirmed = rules.confirm();
  gate.resolve();
  assert.equal(await confirmed, false);
  assert.equal(engine.names, "a");
});

test("the end waits for changes before it, those behind it are refused, and nothing is left of them", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const { paths, engine, rules, put } = open(t);
  await put("a");
  const gate = Promise.withResolvers<void>();
  engine.gate = gate.promise;
  const before = put("b", MINUTE_MS);
  const failed = rules.end(() => assert.fail("busy"));
  const between = put("c", MINUTE_MS);
  let names = "";
  const ended = rules.end(() => {
    names = engine.names;
  });
  const after = put("a");
  gate.resolve();
  await before;
  await assert.rejects(failed, /busy/);
  assert.ok((await between).ok);
  await ended;
  assert.equal(names, "c");
  await assert.rejects(after, { code: "ending" });
  await assert.rejects(rules.confirm(), { code: "ending" });
  t.mock.timers.tick(MINUTE_MS);
  await settle(rules);
  assert.equal(engine.names, "c");
  assert.deepEqual(readdirSync(paths.stateDir).sort(), ["revert.json", "rules.conf"]);
});

test("the end gives up changes that take too long, those that wait behind them too", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const { engine, rules, put } = open(t);
  await put("a");
  const gate = Promise.withResolvers<void>();
  engine.gate = gate.promise;
  engine.abort = () => gate.reject(new LoadAbortedError("aborted"));
  const changes = Promise.allSettled([put("b"), put("c")]);
  const ended = rules.end(() => {});
  await engine.asked.promise;
  t.mock.timers.tick(2_000);
  for (const change of await changes)
    assert.equal(change.status === "rejected" && change.reason.code, "ending");
  await ended;
  assert.equal(engine.names, "a");
});

test("an end that comes to nothing leaves changes as they were", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const { engine, rules, put } = open(t);
  const gate = Promise.withResolvers<void>();
  engine.gate = gate.promise;
  engine.abort = () => gate.reject(new LoadAbortedError("aborted"));
  const outcomes = Promise.allSettled([put("a"), rules.end(() => assert.fail("busy"))]);
  await engine.asked.promise;
  t.mock.timers.tick(2_000);
  const [change, failed] = await outcomes;
  assert.equal(change.status === "rejected" && change.reason.code, "ending");
  assert.equal(failed.status === "rejected" && failed.reason.message, "busy");
  engine.gate = undefined;
  assert.ok((await put("b")).ok);
  assert.equal(engine.names, "b");
});

test("rules that could not be saved are saved once that is possible, and again when somebody removes them", async (t) => {
  const { paths, rules, put } = open(t);
  await put("a");
  // in the way of the directory, for root, too
  rmSync(paths.stateDir, { recursive: true });
  writeFileSync(paths.stateDir, "");
  assert.match(notices(await put("b")).join(), /lost with a reboot: cannot write .*rules\.conf/);
  await rules.mend();
  assert.match(rules.saved.problem ?? "", /lost with a reboot/);
  rmSync(paths.stateDir);
  await rules.mend();
  assert.equal(rules.saved.problem, undefined);
  assert.match(readFileSync(paths.rules, "utf8"), /rule_name = b/);
  rmSync(paths.rules);
  await rules.mend();
  assert.match(readFileSync(paths.rules, "utf8"), /rule_name = b/);
});

test("a change that is refused leaves what is said of those before it", async (t) => {
  const { paths, engine, rules, put } = open(t);
  writeFileSync(paths.stateDir, "");
  await put("a");
  const { problem } = rules.saved;
  assert.ok(problem !== undefined);
  engine.refusal = refused;
  rmSync(paths.stateDir);
  await put("b");
  assert.equal(rules.saved.problem, problem);
  await rules.mend();
  assert.match(readFileSync(paths.rules, "utf8"), /rule_name = a/);
});

test("RulesInForce has excerpts of errors in the width of the terminal that shows them", async (t) => {
  const { engine, rules } = open(t);
  const text = `rule { syscall_name = unlink action { type = LOG log_format {${"x".repeat(300)}} } }`;
  const span = { file: { name: "long.conf", text }, start: 200, end: 210 };
  const message = "The kernel cannot do that, as a sentence of many words explains to everybody";
  const diagnostic = { code: "refused", severity: "error", message, span } as const;
  engine.refusal = () => ({ ok: false, diagnostics: [diagnostic] });
  const lines = async (width?: number) => {
    const reader = width === undefined ? {} : { width };
    const files = [{ name: "long.conf", text }];
    const answer = await rules.upload(files, [], reader);
    assert.ok(!answer.ok);
    return answer.error.diagnostics?.flatMap((one) => one.text.split("\n")) ?? [];
  };
  for (const line of await lines(60)) assert.ok(line.length <= 60, line);
  assert.ok((await lines(60)).some((line) => line.includes("^".repeat(10))));
  assert.ok((await lines()).some((line) => line.length > 100));
});

test("a change of rules lets the event loop have its turn between its parts", async (t) => {
  const { engine, put } = open(t);
  const seen: string[] = [];
  const see = (what: string): void => {
    seen.push(what);
    setImmediate(() => seen.push("turn"));
  };
  const { replace } = engine;
  engine.replace = function (rules, source) {
    see("replaced");
    return replace.call(this, rules, source);
  };
  engine.onChanged = () => see("changed");
  assert.ok((await put("a")).ok);
  seen.push("answered");
  assert.deepEqual(seen, ["replaced", "turn", "changed", "turn", "answered"]);
});
