/** Ways around a rule that a program could try. */
import assert from "node:assert/strict";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { buildCalls } from "./programs.ts";
import { testAsEach } from "./sct.ts";

const EPERM = 1;
const ENOSYS = 38;

/** In the filter, by notification, by ptrace. */
const FAIL_UNLINK: readonly (readonly [by: string, rules: string])[] = [
  ["the filter", "rule { syscall_name = unlink action { type = FAIL error_code = EPERM } }"],
  [
    "notification",
    'rule { syscall_name = unlink filter_expression { PATH endswith "/precious" } action { type = FAIL error_code = EPERM } }',
  ],
  [
    "ptrace",
    `rule { syscall_name = unlink filter_expression { PATH endswith "/precious" } action { type = FAIL error_code = EPERM } }
     rule { syscall_name = unlink when = after action { type = LOG } }`,
  ],
];

for (const [by, rules] of FAIL_UNLINK) {
  testAsEach(`no number and no ABI gets around a rule, by ${by}`, (place, t) => {
    const calls64 = buildCalls(t, 64);
    if (calls64 === undefined) return;
    const file = join(place.directory, "precious");
    writeFileSync(file, "");
    const run = (...command: string[]) => {
      const { status, stderr } = place.under(rules, command);
      // 125 is a failure of sct itself: what it said of it is the only trace
      if (status === 125) t.diagnostic(stderr);
      return status;
    };
    assert.equal(run(calls64, "native", "87", "@./precious"), EPERM, "unlink");
    assert.equal(run(calls64, "native", "263", "-100", "@precious", "0"), EPERM, "unlinkat");
    assert.equal(run(calls64, "native", String(0x40000000 + 87), "@./precious"), ENOSYS, "x32");
    // the upper half of a register is not part of a 32-bit number
    assert.equal(run(calls64, "native", String(2 ** 32 + 263), "-100", "@precious", "0"), EPERM);
    assert.ok(existsSync(file));
    // unlinkat with AT_REMOVEDIR is rmdir, which no rule names
    assert.equal(run(calls64, "native", "263", "-100", "@precious", "512"), 20, "rmdir");
    const calls32 = buildCalls(t, 32);
    if (calls32 === undefined) return;
    assert.equal(run(calls64, "int80", "10", "@./precious"), EPERM, "int 0x80");
    assert.equal(
      run(calls64, "int80", "301", "-100", "@precious", "0"),
      EPERM,
      "int 0x80 unlinkat",
    );
    assert.equal(run(calls32, "native", "10", "@./precious"), EPERM, "32-bit");
    assert.ok(existsSync(file));
  });
}

testAsEach("a path may be written in many ways", (place) => {
  const file = join(place.directory, "precious");
  writeFileSync(file, "");
  const rule = `rule { syscall_name = unlink filter_expression { PATH == "${file}" } action { type = FAIL error_code = EPERM } }`;
  const script = `cd /; d=${place.directory}; ln -s $d $d/link; mkdir $d/sub
    for name in $d/precious $d//precious $d/./precious $d/sub/../precious $d/link/precious \\
      $d/link/link/precious /proc/self/root$d/precious /proc/self/cwd$d/precious; do
      rm -f $name && echo "gone by $name"
    done
    cd $d/sub; rm -f ../precious; rm -f /proc/self/cwd/../precious
    exec 9<$d; rm -f /proc/self/fd/9/precious; rm -f /dev/fd/9/precious
    /usr/bin/python3 -c 'import os; d = os.open("..", os.O_RDONLY); os.unlink("precious", dir_fd=d)'
    rm $d/link && echo other files go`;
  const { stdout } = place.under(rule, ["bash", "-c", script]);
  assert.equal(stdout, "other files go\n");
  assert.ok(existsSync(file));
});

testAsEach(
  "io_uring is refused where it would be a way around, and who asks is told once",
  (place, t) => {
    const calls64 = buildCalls(t, 64);
    if (calls64 === undefined) return;
    const setup = [calls64, "native", "425", "1", "0"];
    const fail =
      'rule { rule_name = x syscall_name = open filter_expression { PATH == "/x" } action { type = FAIL error_code = EPERM } }';
    const traced = `${fail} rule { syscall_name = rmdir when = after action { type = LOG } }`;
    for (const rules of [fail, traced]) {
      const refused = place.under(rules, setup);
      assert.equal(refused.status, EPERM);
      assert.match(
        refused.stderr,
        /^sct: io_uring_setup of process \d+ and all others fails with EPERM: rules such as 'x' cannot see what a ring does\n$/,
      );
      const twice = place.under(rules, ["sh", "-c", `"$@"; "$@"; "$@"`, "sh", ...setup]);
      assert.equal(twice.stderr.match(/io_uring_setup/g)?.length, 1);
      assert.equal(place.under(rules, ["true"]).stderr, "");
    }
    const log = place.under("rule { syscall_name = open action { type = LOG } }", setup);
    assert.notEqual(log.status, EPERM);
    assert.doesNotMatch(log.stderr, /^sct:/m);
  },
);

testAsEach("a killed call is not made", (place) => {
  const file = join(place.directory, "precious");
  writeFileSync(file, "");
  for (const when of ["", "rule { syscall_name = rmdir when = after action { type = LOG } }"]) {
    const rule = `rule { syscall_name = unlink action { type = KILL } } ${when}`;
    assert.equal(place.under(rule, ["rm", file]).signal, "SIGKILL");
    assert.ok(existsSync(file));
  }
});
