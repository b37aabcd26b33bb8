/**
 * The article's session, command by command, while calls that its rules match continue all the time: everything that a rule saw
 * has a line, whichever rule set was in force before, between and after.
 */
import assert from "node:assert/strict";
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { needsKernel } from "../kernel/needs.ts";
import { start, USER, workplace } from "../kernel/watching.ts";
import { builtInstance } from "./built.ts";
import type { Instance } from "./instance.ts";

const ROUNDS = Number(process.env["SCT_ROUNDS"] ?? 2);
const UNLINK = `rule
 {
   syscall_name=unlink
   rule_name=unlink_rule1
   action
   {
     type=LOG
     log_format {%comm : %params delete by %euid --> %suid}



   }
   when=before
}
`;
const preventDelete = (victim: string): string => `rule
{
   syscall_name = unlink
   rule_name = prevent_delete
   filter_expression {PARAMS[1]=="${victim}" && UID == 0}
   action {
     type = FAIL
     error_code = -1
   }
   when = before
}
`;
const PTRACE = `rule
{
    syscall_name=ptrace
    rule_name=ptrace_rule1
    action {
        type=LOG
      log_format {%comm : %params issued ptrace by %euid --> %suid}
  }
    when=before
}
`;
/** The log of a terminal that has just been opened shows what happens from some moment on. */
const TRIES = 60;
const DELETED = '"rm" : "./dummy" delete by 0 --> 0';
const ISSUED = /^"strace" : -?\d+, -?\d+, -?\d+, -?\d+ issued ptrace by 0 --> 0$/;
const [UNLINK_NR, PTRACE_NR] = ["87", "101"];

/** Calls that the rules match, some thousands a second. */
function busy(t: TestContext): void {
  const { calls64 } = workplace();
  const calls = [`${calls64} loop 100 ${UNLINK_NR} 0`, `${calls64} loop 100 ${PTRACE_NR} 3 0 0 0`];
  const child = start(["/bin/sh", "-c", `while :; do ${calls.join("; ")}; sleep 0.05; done`]);
  const ended = new Promise((resolve) => child.once("close", resolve));
  t.after(async () => {
    child.kill();
    await ended;
  });
}

/** What `sct log --json` has since then: events by rule set, and those that are reported as lost. */
async function logged(instance: Instance, since: Date) {
  const { code, stdout, stderr } = await instance.run(
    ...(["sct", "log", "--json", "--since", since.toISOString()] as const),
  );
  assert.deepEqual([code, stderr], [0, ""]);
  const events: { rule: string; gen: number; seq: number; uid: number }[] = [];
  let lost = 0;
  for (const line of stdout.split("\n").slice(0, -1)) {
    const event = JSON.parse(line);
    if (event.seq === undefined) lost += event.loss?.total ?? event.throttled?.total ?? 0;
    else events.push(event);
  }
  return { events, lost };
}

test(`the article's session under matching calls, ${ROUNDS} times in a row`, async (t) => {
  if (!needsKernel(t)) return;
  const instance = builtInstance(t);
  const work = join(instance.directory, "tmp");
  mkdirSync(work);
  const victim = join(work, "inetd.conf");
  busy(t);
  const said = async (program: string, ...args: readonly string[]): Promise<string> => {
    const { code, stdout, stderr } = await instance.run(program, ...args);
    assert.deepEqual([code, stderr], [0, ""], `${program} ${args.join(" ")}`);
    return stdout;
  };
  const upload = async (text: string): Promise<void> => {
    const file = instance.write("try.conf", text);
    const words = await said("sct_config", "upload", file);
    assert.equal(words, `Successfully uploaded rules from file '${file}'\n`);
  };
  const seen = async (isWanted: (line: string) => boolean, act: string): Promise<void> => {
    let isSeen = false;
    const log = (async () => {
      for await (const line of instance.lines("sctlog")) if (isWanted(line)) break;
      isSeen = true;
    })();
    for (let tries = 0; !isSeen; tries++) {
      assert.ok(tries < TRIES, `sctlog shows nothing of ${act}`);
      const { code, stderr } = await instance.shell(act);
      assert.equal(code, 0, stderr);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    await log;
  };
  for (let round = 1; round <= ROUNDS; round++) {
    const since = new Date();
    assert.match(await said("sct_load"), /^Successfully loaded: service \d+, 0 rules in force\n$/);
    await upload(UNLINK);
    await seen((line) => line === DELETED, `cd ${work}; touch ./dummy; rm ./dummy`);

    await said("sct_config", "delete");
    const both = instance.write("try.conf", preventDelete(victim) + UNLINK);
    const { code, stderr } = await instance.run("sct_config", "upload", both);
    if (code === 0) {
      const { stdout } = await instance.shell(`touch ${victim}; rm -f ${victim} 2>&1`);
      assert.match(stdout, /Operation not permitted/);
      await said("sct_config", "delete");
    } else assert.match(stderr, /FAIL/, "a kernel that cannot deny says so, and nothing changes");

    await upload(UNLINK + PTRACE);
    await seen((line) => ISSUED.test(line), "strace -o /dev/null /bin/ls");
    assert.match(await said("sct_config", "download"), /unlink_rule1[\s\S]*ptrace_rule1/);
    const { problems, generation } = JSON.parse(await said("sct", "status", "--json"));
    assert.deepEqual(problems, []);
    await said("sct_config", "delete");
    await said("sct_config", "upload", instance.write("p.conf", PTRACE));
    await seen((line) => ISSUED.test(line), "strace -o /dev/null /bin/ls");
    await said("sct_config", "delete");

    const pid = instance.servicePid;
    await said("sct_unload");
    while (existsSync(`/proc/${pid}`)) await new Promise((resolve) => setTimeout(resolve, 10));
    const { events, lost } = await logged(instance, since);
    const last = events.reduce((max, { seq }) => Math.max(max, seq), 0);
    assert.equal(new Set(events.map(({ seq }) => seq)).size, events.length);
    assert.equal(events.length + lost, last, "no event is missing");
    const ofUser = events.filter(({ uid, gen }) => uid === USER && gen === generation);
    assert.deepEqual([...new Set(ofUser.map(({ rule }) => rule))].sort(), [
      "ptrace_rule1",
      "unlink_rule1",
    ]);
    t.diagnostic(`round ${round}: ${events.length} events, ${lost} reported as lost`);
  }
});
