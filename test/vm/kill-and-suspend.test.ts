/** KILL and SUSPEND of `before` rules: the process dies or stops, and the call has not happened. */
import assert from "node:assert/strict";
import type { ChildProcess } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { SuspendedQueue } from "../../src/engines/kernel/index.ts";
import { assertNoObjects } from "../kernel/bpf-objects.ts";
import { run, start, watch, workplace } from "../kernel/watching.ts";
import { needsGuest, place, program, stateOf, waitFor } from "./guest.ts";

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

interface Ending {
  readonly code: number | null;
  readonly signal: string | null;
}

function ended(child: ChildProcess): Promise<Ending> {
  return new Promise((resolve) => child.on("close", (code, signal) => resolve({ code, signal })));
}

async function stopped(child: ChildProcess): Promise<void> {
  const pid = child.pid as number;
  await waitFor(
    () => stateOf(pid) === "T",
    () => `state ${stateOf(pid)}`,
  );
}

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
    });
    await t.test("a stopped process deletes when it goes on, once for each stop", async () => {
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
    await t.test("a stopped process whose call is told to fail sees EPERM", async () => {
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
      // for any way into the kernel, and the next call of the thread is asked about anew
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
