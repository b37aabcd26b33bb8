/** Calls that no security hook sees fail where errors can be injected; elsewhere the rules are refused with the reason. */
import assert from "node:assert/strict";
import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { assertNoObjects } from "../kernel/bpf-objects.ts";
import { run, watch, workplace } from "../kernel/watching.ts";
import { INJECTS_ERRORS, needsGuest, refusals } from "./guest.ts";

after(assertNoObjects);

const GETPID = "39";
const GETPPID = "110";

const RULES = `
rule { rule_name = ps syscall_name = getpid filter_expression { COMM == "ps" }
  action { type = LOG log_format {%comm %abi %sname %action} } action { type = FAIL error_code = ENOSPC } }
rule { rule_name = sync syscall_name = fsync filter_expression { COMM == "dd" }
  action { type = FAIL error_code = EIO } }
rule { rule_name = parent syscall_name = getppid filter_expression { COMM == "ps" }
  action { type = FAIL error_code = 4095 } }
`;

test("getpid fails for ps alone, fsync with EIO, getppid with any errno", async (t) => {
  if (!needsGuest(t)) return;
  if (!INJECTS_ERRORS) return t.skip("this kernel has no error injection");
  const { calls64, calls32, directory } = workplace();
  const ps = join(directory, "ps");
  const ps32 = join(directory, "32", "ps");
  copyFileSync(calls64, ps);
  await run(["/bin/mkdir", join(directory, "32")]);
  copyFileSync(calls32, ps32);
  const codes: (number | null)[] = [];
  let dd = "";
  let listed = "";
  const { counters, lines } = await watch(RULES, async () => {
    for (const command of [
      [ps, "native", GETPID],
      [ps, "int80", "20"],
      [ps32, "native", "20"],
      [ps, "native", GETPPID],
      [ps, "int80", "64"],
      [ps, "native", "102"],
      [calls64, "native", GETPID],
      [calls64, "native", GETPPID],
    ])
      codes.push((await run(command, { uid: 0 })).code);
    // the program that the original authors showed it with
    listed = (await run(["/bin/sh", "-c", "ps -p 1 2>&1"], { uid: 0 })).output;
    const script = "dd if=/dev/zero of=copy bs=1 count=1 conv=fsync status=none 2>&1";
    dd = (await run(["/bin/sh", "-c", script], { uid: 0 })).output;
  });
  // the exit status has eight bits
  assert.deepEqual(codes, [28, 28, 28, 4095 & 255, 4095 & 255, 0, 0, 0]);
  assert.equal(dd, "dd: fsync failed for 'copy': Input/output error\n");
  assert.deepEqual(
    counters.rules.map(({ matched }) => matched),
    [4, 1, 2],
  );
  assert.match(listed, /^fatal library error/);
  assert.deepEqual(
    lines,
    ["x86_64", "i386", "i386", "x86_64"].map((abi) => `"ps" ${abi} getpid LOG,FAIL`),
  );
});

test("calls that no hook sees are refused by name, with what would help", (t) => {
  if (!needsGuest(t)) return;
  if (INJECTS_ERRORS) return t.skip("this kernel can do it");
  const found = refusals(RULES);
  assert.equal(found.length, 3, found.join("\n"));
  for (const [i, call] of ["getpid", "fsync", "getppid"].entries()) {
    const says = new RegExp(`^FAIL of ${call} cannot be enforced here: no security hook sees`);
    assert.match(found[i] as string, says);
    assert.match(found[i] as string, /CONFIG_BPF_KPROBE_OVERRIDE/);
  }
});

test("errnos that a hook must not return are refused; the call's own function may return them", async (t) => {
  if (!needsGuest(t)) return;
  const unsafe = [
    ["kill", "ESRCH", /^FAIL of kill .*for ever/],
    ["prctl", "ENOSYS", /^FAIL of prctl .*continue/],
    ["open", "518", /^FAIL of open .*ESTALE/],
    ["unlink", "529", /^FAIL of unlink .*end later/],
  ] as const;
  const rule = ([call, errno]: (typeof unsafe)[number]): string =>
    `rule { rule_name = ${call} syscall_name = ${call} syscall_match = exact
      filter_expression { COMM == "calls64" } action { type = FAIL error_code = ${errno} } }\n`;
  if (!INJECTS_ERRORS) {
    for (const one of unsafe) {
      const found = refusals(rule(one));
      assert.match(found.join("\n"), one[2]);
      assert.match(found.join("\n"), /another error_code/);
    }
    return;
  }
  const { calls64 } = workplace();
  const codes: (number | null)[] = [];
  await watch(unsafe.map(rule).join(""), async () => {
    // a kill that the kernel would repeat for ever if a hook said so
    codes.push((await run([calls64, "native", "62", String(process.pid), "0"], { uid: 0 })).code);
    codes.push((await run([calls64, "native", "157", "3"], { uid: 0 })).code);
    codes.push((await run([calls64, "native", "2", "@/etc/passwd"], { uid: 0 })).code);
    codes.push((await run([calls64, "native", "87", "@/missing"], { uid: 0 })).code);
  });
  assert.deepEqual(codes, [3, 38, 518 & 255, 529 & 255]);
});
