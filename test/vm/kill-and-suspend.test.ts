/** KILL and SUSPEND of `before` rules: the process dies or stops, and the call has not happened. */
import assert from "node:assert/strict";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, type TestContext, test } from "node:test";
import { SuspendedQueue } from "../../src/engines/kernel/index.ts";
import { assertNoObjects } from "../kernel/bpf-objects.ts";
import { run, start, watch, workplace } from "../kernel/watching.ts";
import { needsGuest, place, program, stateOf, waitFor } from "./guest.ts";
import { ended, stopped } from "./stopped.ts";

after(assertNoObjects);

const LOG = "action { type = LOG log_format {%action %param1} }";
const rules = (directory: string) => `
rule { rule_name = kill syscall_name = unlink filter_expression { PARAMS[1] startswith "${directory}/kill" }
  ${LOG} action { type = KILL } }
rule { rule_name = suspend syscall_name = unlink filter_expression { PARAMS[1] startswith "${directory}/stop" }
  ${LOG} action { type = SUSPEND } }
rule { rule_name = create syscall_name = open filter_expression { PARAMS[1] == "${directory}/new" }
  action { type = KILL } }
`;

test("KILL and SUSPEND act before the call", async (t) => {
  if (!needsGuest(t)) return;
  const { calls64, calls32 } = workplace();
  const directory = place();
  const made = (name: string): string => {
    const path = join(directory, name);
    writeFileSync(path, "");
    return path;
  };
  const root = { uid: 0 };
  const watched = await watch(rules(directory), async (watching) => {
    await t.test("a killed process has deleted nothing, in any way into the kernel", async () => {
      const path = made("kill");
      const holder = made("name");
      writeFileSync(holder, `${path}\0`);
      for (const command of [
        ["/bin/rm", "-f", path],
        [calls64, "int80", "10", `@${path}`],
        [calls32, "native", "10", `@${path}`],
        [calls64, "native", "87", `%${holder}`],
      ]) {
        const { signal } = await run(command, root);
        assert.equal(signal, "SIGKILL", command.join(" "));
        assert.ok(existsSync(path), command.join(" "));
      }
      const fresh = join(directory, "new");
      assert.equal((await run(["/bin/touch", fresh], root)).signal, "SIGKILL");
      assert.equal(existsSync(fresh), false);
      // that rule logs nothing, and has its event all the same
      await watching.until(5);
      const { rule, values, message } = watching.events[4] ?? {};
      assert.deepEqual([rule, values?.[0], message], ["create", fresh, null]);
    });
    await t.test("a stopped process deletes when it continues, once for each stop", async () => {
      const path = made("stop");
      const other = made("stop-too");
      const seen = watching.events.length;
      const child = start(["/bin/rm", "-f", path, other], root);
      const end = ended(child);
      await watching.until(seen + 1);
      await stopped(child);
      assert.ok(existsSync(path));
      child.kill("SIGCONT");
      await watching.until(seen + 2);
      await stopped(child);
      assert.deepEqual([existsSync(path), existsSync(other)], [false, true]);
      child.kill("SIGCONT");
      assert.deepEqual(await end, { code: 0, signal: null });
      assert.equal(existsSync(other), false);
    });
    await t.test("a stopped process that is killed has deleted nothing", async () => {
      const path = made("stop");
      const child = start(["/bin/rm", "-f", path], root);
      const end = ended(child);
      await stopped(child);
      child.kill("SIGKILL");
      assert.deepEqual(await end, { code: null, signal: "SIGKILL" });
      assert.ok(existsSync(path));
    });
    await t.test("a stopped process whose call is made to fail sees EPERM", async () => {
      const path = made("stop");
      const queue = new SuspendedQueue();
      t.after(() => queue.close());
      const refuse = (pid: number | undefined) => queue.decide(pid ?? 0, "fail");
      const child = start(["/bin/sh", "-c", `exec /bin/rm -f ${path} 2>&1`], root);
      const end = ended(child);
      let said = "";
      child.stdout?.on("data", (chunk) => {
        said += chunk;
      });
      await stopped(child);
      const mine = queue.list().find(({ pid }) => pid === child.pid);
      assert.deepEqual([mine?.rule, mine?.nr, mine?.isCallDone], ["suspend", 263, false]);
      assert.equal(await refuse(child.pid), undefined);
      assert.deepEqual(await end, { code: 1, signal: null });
      assert.match(said, /^\S*rm: cannot remove '.*stop': Operation not permitted\n$/);
      assert.ok(existsSync(path));
      assert.equal(await refuse(child.pid), "it is not suspended");
      // for any way into the kernel, and the next call of the thread is asked about again
      for (const command of [
        [calls64, "int80", "10", `@${path}`],
        [calls32, "native", "10", `@${path}`],
        [calls64, "loop", "2", "87", `@${path}`],
      ]) {
        const seen = watching.events.length;
        const other = start(command, root);
        const otherEnd = ended(other);
        for (let nth = 1; nth <= (command[1] === "loop" ? 2 : 1); nth++) {
          await watching.until(seen + nth);
          await stopped(other);
          assert.equal(await refuse(other.pid), undefined);
        }
        assert.deepEqual(await otherEnd, { code: 1, signal: null }, command.join(" "));
        assert.ok(existsSync(path), command.join(" "));
      }
    });
    await t.test("text that was never touched stops the process as well", async () => {
      const path = made("stop");
      const holder = made("name");
      writeFileSync(holder, `${path}\0`);
      const child = start([calls64, "native", "87", `%${holder}`], root);
      const end = ended(child);
      await stopped(child);
      assert.ok(existsSync(path));
      child.kill("SIGCONT");
      assert.deepEqual(await end, { code: 0, signal: null });
      assert.equal(existsSync(path), false);
    });
    await t.test("a call that fails by itself stops too, and frees no later one", async () => {
      const path = made("stop");
      const seen = watching.events.length;
      const child = start([program("effects"), "delete", `${path}-missing`, path], root);
      const end = ended(child);
      await watching.until(seen + 1);
      await stopped(child);
      child.kill("SIGCONT");
      await watching.until(seen + 2);
      await stopped(child);
      assert.ok(existsSync(path));
      child.kill("SIGCONT");
      assert.deepEqual(await end, { code: 0, signal: null });
      assert.equal(existsSync(path), false);
    });
  });
  for (const event of watched.events) assert.ok(event.flags.includes("call-skipped"), event.line);
  assert.deepEqual(watched.notices, []);
});

const EPERM = 1;
const EIO = 5;

/** With rules on PATH, all from the first of them on is decided in hooks. */
for (const byPath of [false, true])
  test(`a suspended call that is made again is judged by what is there then${byPath ? ", in hooks" : ""}`, (t) =>
    suspendedCalls(t, byPath));

async function suspendedCalls(t: TestContext, byPath: boolean): Promise<void> {
  if (!needsGuest(t)) return;
  const { calls64 } = workplace();
  const directory = place();
  const at = (name: string): string => join(directory, name);
  const made = (name: string): string => {
    writeFileSync(at(name), "");
    return at(name);
  };
  const rule = (name: string, filter: string, ...actions: string[]): string =>
    `rule { rule_name = ${name} syscall_name = unlink filter_expression { ${filter} }
      ${actions.map((action) => `action { ${action} }`).join(" ")} }\n`;
  const asks = (name: string): string => `PARAMS[1] == "${at(name)}"`;
  const [log, suspend, kill] = ["type = LOG", "type = SUSPEND", "type = KILL"];
  const fail = "type = FAIL error_code = EIO";
  const going = (text: string): string => text.replace(/}\n$/, "continue = yes }\n");
  const text = [
    going(rule("all", `PARAMS[1] startswith "${directory}/"`, log)),
    rule("ask", asks("ask"), log, suspend),
    rule("other", asks("other"), suspend),
    rule(
      "fail",
      byPath ? `PATH == "${at("prot")}"` : asks("prot"),
      log,
      "type = FAIL error_code = EPERM",
    ),
    rule("both", asks("both"), log, suspend, fail),
    rule("turned", asks("turned"), fail, suspend),
    rule("dies", asks("dies"), suspend, kill),
    going(rule("one", `PARAMS[1] startswith "${at("twice")}"`, suspend, log)),
    going(rule("two", `PARAMS[1] startswith "${at("twice")}"`, log, suspend)),
    rule("three", asks("twice-prot"), fail),
    ...(byPath
      ? [
          rule("path", `PATH == "${at("path")}"`, log, suspend),
          rule("killed", `PATH == "${at("killed")}"`, kill),
        ]
      : []),
    `rule { rule_name = after syscall_name = unlink when = after
      filter_expression { PARAMS[1] == "${at("ask")}" } action { type = LOG } }\n`,
  ].join("");
  const root = { uid: 0 };
  const watched = await watch(text, async (watching) => {
    const queue = new SuspendedQueue();
    t.after(() => queue.close());
    const begin = (command: readonly string[]) => {
      const child = start(command, root);
      // one that is still stopped when a test has failed would keep all others from ending
      t.after(() => child.kill("SIGKILL"));
      let output = "";
      child.stdout?.on("data", (chunk) => {
        output += chunk;
      });
      const end = ended(child).then((ending) => ({ ...ending, output }));
      return { child, end, pid: child.pid as number };
    };
    // of this process alone: what another one did may be read later than its end is seen
    const assertRules = async (pid: number, expected: readonly string[]): Promise<void> => {
      const own = (): string[] =>
        watching.events.flatMap(({ pid: of, rule: name }) =>
          of === pid && name !== "after" ? [name] : [],
        );
      await waitFor(
        () => own().length >= expected.length,
        () => `of ${expected} there are ${own()}`,
      );
      assert.deepEqual(own(), expected);
    };
    const resume = async (pid: number): Promise<void> =>
      assert.equal(await queue.decide(pid, "resume"), undefined);

    await t.test("a signal handler's own call is judged, and frees none", async () => {
      const [ask, prot] = [made("ask"), made("prot")];
      const { child, end, pid } = begin([program("effects"), "handler", ask, prot]);
      await stopped(child);
      assert.ok(existsSync(ask));
      child.kill("SIGUSR1");
      child.kill("SIGCONT");
      assert.deepEqual(await end, { code: 0, signal: null, output: `${EPERM} 0\n` });
      assert.deepEqual([existsSync(ask), existsSync(prot)], [false, true]);
      await assertRules(pid, ["all", "ask", "all", "fail"]);
    });
    await t.test("a decision outlives a handler that takes its time", async () => {
      const [ask, other] = [made("ask"), made("other-free")];
      const fifo = at("fifo");
      await run(["/usr/bin/mkfifo", fifo], root);
      const { child, end, pid } = begin([program("effects"), "handler", ask, other, fifo]);
      await stopped(child);
      child.kill("SIGUSR1");
      assert.equal(await queue.decide(pid, "fail"), undefined);
      await waitFor(
        () => !existsSync(other),
        () => "the handler never ran",
      );
      // long enough to be taken for one that nobody waits for
      await new Promise((resolve) => setTimeout(resolve, 2500));
      assert.deepEqual(queue.list(), []);
      writeFileSync(fifo, "");
      assert.deepEqual(await end, { code: 0, signal: null, output: `0 ${EPERM}\n` });
      assert.ok(existsSync(ask));
    });
    await t.test("text that is swapped while the process is stopped is what counts", async () => {
      const [ask, other, prot] = [made("ask"), made("other"), made("prot")];
      const holder = made("holder");
      const swap = (to: string): void => writeFileSync(holder, `${to}\0`, { flag: "r+" });
      for (const [first, then, code] of [
        [ask, prot, EPERM],
        [other, ask, 0],
      ] as const) {
        writeFileSync(holder, "\0".repeat(200));
        swap(first);
        const { child, end, pid } = begin([calls64, "native", "87", `%${holder}`]);
        await stopped(child);
        swap(then);
        await resume(pid);
        if (then === ask) {
          await waitFor(
            () => queue.list()[0]?.rule === "ask" && stateOf(pid) === "T",
            () => "not stopped by the other rule",
          );
          assert.ok(existsSync(ask));
          await resume(pid);
        }
        assert.equal((await end).code, code);
        assert.ok(existsSync(prot) && existsSync(other));
      }
      assert.equal(existsSync(ask), false);
    });
    await t.test("what is written behind SUSPEND is done when the call is made again", async () => {
      for (const [name, reported] of [
        ["both", ["all", "both"]],
        ["turned", ["all", "turned"]],
      ] as const) {
        const file = made(name);
        const { child, end, pid } = begin([calls64, "native", "87", `@${file}`]);
        await stopped(child);
        await resume(pid);
        assert.equal((await end).code, EIO, name);
        assert.ok(existsSync(file));
        await assertRules(pid, reported);
      }
      const file = made("dies");
      const { child, end, pid } = begin([calls64, "native", "87", `@${file}`]);
      await stopped(child);
      await resume(pid);
      assert.equal((await end).signal, "SIGKILL");
      assert.ok(existsSync(file));
      await assertRules(pid, ["all", "dies"]);
    });
    await t.test("rules with continue suspend in turn, and rules behind them hold", async () => {
      for (const [name, code] of [
        ["twice", 0],
        ["twice-prot", EIO],
      ] as const) {
        const file = made(name);
        const { child, end, pid } = begin([calls64, "native", "87", `@${file}`]);
        for (const by of ["one", "two"]) {
          await waitFor(
            () => queue.list()[0]?.rule === by && stateOf(pid) === "T",
            () => `not stopped by ${by}`,
          );
          assert.ok(existsSync(file));
          if (by === "one") await stopped(child);
          await resume(pid);
        }
        assert.equal((await end).code, code, name);
        assert.equal(existsSync(file), code !== 0);
        const reported = ["all", "one", "two", ...(name === "twice" ? [] : ["three"])];
        await assertRules(pid, reported);
      }
    });
    await t.test("PATH rules suspend and kill before the call", async (t) => {
      if (!byPath) return t.skip("no rule is on PATH");
      const [path, killed] = [made("path"), made("killed")];
      const stop = begin(["/bin/sh", "-c", `cd ${directory} && exec /bin/rm -f ./path`]);
      await stopped(stop.child);
      assert.ok(existsSync(path));
      await resume(stop.pid);
      assert.deepEqual((await stop.end).code, 0);
      assert.equal(existsSync(path), false);
      await assertRules(stop.pid, ["path"]);
      made("path");
      const refused = begin(["/bin/rm", "-f", path]);
      await stopped(refused.child);
      assert.equal(await queue.decide(refused.pid, "fail"), undefined);
      assert.equal((await refused.end).code, 1);
      assert.ok(existsSync(path));
      const victim = begin(["/bin/sh", "-c", `cd ${directory} && exec /bin/rm -f ./killed`]);
      assert.equal((await victim.end).signal, "SIGKILL");
      assert.ok(existsSync(killed));
    });
    await t.test("of a call that has failed by itself nothing can be decided", async () => {
      const { child, end, pid } = begin([calls64, "native", "87", `@${at("ask")}`]);
      await stopped(child);
      // where the call's own function returns the error, the process stops before it looks for the file
      const isDone = queue.list().find((entry) => entry.pid === pid)?.isCallDone;
      const problem = await queue.decide(pid, "fail");
      assert.equal(problem, isDone ? "its call has been made already" : undefined);
      if (problem !== undefined) await resume(pid);
      assert.equal((await end).code, isDone ? 2 : EPERM);
    });
  });
  const of = (name: string) => watched.counters.rules.find((one) => one.rule === name);
  assert.equal(of("fail")?.matched, 2);
  assert.equal(of("other")?.matched, 1);
  assert.deepEqual([of("one")?.matched, of("two")?.matched, of("three")?.matched], [2, 2, 1]);
  if (byPath) assert.equal(of("killed")?.matched, 1);
  for (const { rule, matched, delivered } of watched.counters.rules)
    assert.equal(delivered, matched, rule);
  const results = watched.events.filter((event) => event.rule === "after");
  assert.ok(results.length > 0);
  for (const { retval } of results) assert.ok([0, -1, -2].includes(Number(retval)), `${retval}`);
}
