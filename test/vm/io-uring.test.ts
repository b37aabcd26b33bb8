/** Operations of io_uring make no call: rules meet them in the security hooks that they reach, on every kernel. */
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { assertNoObjects } from "../kernel/bpf-objects.ts";
import { watch } from "../kernel/watching.ts";
import { INJECTS_ERRORS, needsGuest, place, program, shell } from "./guest.ts";

after(assertNoObjects);

const EACCES = -13;

test("rules on numbers, ids and names deny what io_uring does instead of the call", async (t) => {
  if (!needsGuest(t)) return;
  const directory = place();
  const file = join(directory, "file");
  writeFileSync(file, "1");
  const uring = program("uring");
  const rule = (call: string): string =>
    `rule { rule_name = ${call} syscall_name = ${call} filter_expression { UID==0 && COMM=="uring" } action { type = FAIL error_code = EACCES } }`;
  for (const [call, operation, calls] of [
    ["unlink", "unlink", `rm -f ${directory}/none`],
    ["write", "put", `: > ${directory}/other; echo 2 > ${directory}/other`],
    ["write", "submit", `: > ${directory}/other; echo 2 > ${directory}/other`],
    ["setxattr", "setxattr", `setfattr -n user.x -v 2 ${directory}/none`],
  ] as const) {
    const { events, counters } = await watch(rule(call), async () => {
      // the number that io_uring gives is all that the program writes: stopped as well where a rule denies writing
      const output = await shell(directory, `${uring} ${operation} ${file}; echo "$?"`);
      if (call === "write") assert.equal(output, "0\n");
      else assert.equal(output, `${EACCES}\n0\n`, call);
      await shell(directory, calls);
    });
    const [counted] = counters.rules;
    assert.ok(counted !== undefined && counted.matched > 0, call);
    // each has its event, once, though the rule logs nothing
    assert.equal(counted.delivered, counted.matched, call);
    assert.equal(events.length, counted.matched, call);
    if (call !== "write") assert.equal(counted.matched, 1, call);
    for (const { message, comm, flags } of events) {
      assert.deepEqual([message, comm], [null, "uring"], call);
      assert.ok(flags.includes("call-skipped"), call);
    }
    assert.equal(readFileSync(file, "latin1"), "1");
  }
  await watch(
    `rule { rule_name = opened syscall_name = open
      filter_expression { COMM == "uring" && PARAMS[2] & O_WRONLY } action { type = FAIL error_code = EACCES } }`,
    async () => {
      assert.equal(await shell(directory, `${uring} write ${file}`), `${EACCES}\n`);
      assert.equal(await shell(directory, `${uring} unlink ${file}`), "0\n");
    },
  );
});

test("what io_uring does unseen, and numbers that it does not have, are said at load", async (t) => {
  if (!needsGuest(t)) return;
  const rule = (text: string): string =>
    `rule { rule_name = r ${text} action { type = FAIL error_code = EACCES } }`;
  const notices = async (text: string): Promise<readonly string[]> =>
    (await watch(rule(text), async () => {})).notices.filter((line) =>
      /io_uring|io_submit/.test(line),
    );
  const filter = 'filter_expression { COMM == "sct-none" }';
  assert.deepEqual(await notices(`syscall_name = unlink ${filter}`), []);
  if (INJECTS_ERRORS)
    assert.deepEqual(await notices(`syscall_name = fsync ${filter}`), [
      "rule 'r': FAIL does not stop what io_uring does instead of these calls (denying io_uring_setup does): fsync",
      "rule 'r': FAIL does not stop what io_submit does instead of these calls (denying io_setup does): fsync",
    ]);
  assert.deepEqual(
    await notices('syscall_name = bind filter_expression { COMM == "sct-none" && PARAMS[1] == 3 }'),
    ["rule 'r': FAIL takes numbers of operations of io_uring for 0: bind"],
  );
});
