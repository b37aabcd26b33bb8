/** Ways around a rule that a program could try. */
import assert from "node:assert/strict";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
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
  "io_uring is refused where it would be a way around, and a request is reported once",
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

testAsEach("asynchronous I/O of the kernel is refused where it would be a way around", (place) => {
  const IO_SETUP = 206;
  const setup = [
    "/usr/bin/python3",
    "-c",
    `import ctypes
libc = ctypes.CDLL(None, use_errno=True)
context = ctypes.c_ulong(0)
print(libc.syscall(${IO_SETUP}, 1, ctypes.byref(context)), ctypes.get_errno())`,
  ];
  const fail =
    "rule { rule_name = x syscall_name = fsync action { type = FAIL error_code = EIO } }";
  const traced = `${fail} rule { syscall_name = rmdir when = after action { type = LOG } }`;
  for (const rules of [fail, traced]) {
    const { stdout, stderr } = place.under(rules, setup);
    assert.equal(stdout, "-1 38\n");
    assert.match(
      stderr,
      /^sct: io_setup of process \d+ and all others fails with ENOSYS: rules such as 'x' cannot see what asynchronous I\/O does$/m,
    );
  }
  for (const harmless of [
    "rule { syscall_name = fsync action { type = LOG } }",
    "rule { syscall_name = unlink action { type = FAIL error_code = EPERM } }",
  ])
    assert.equal(place.under(harmless, setup).stdout, "0 0\n");
});

testAsEach("a rule that cannot be decided and does not act is counted", (place, t) => {
  if (place.user.uid === 0) return t.skip("the superuser reads everything");
  const hides = `import ctypes, os
ctypes.CDLL(None).prctl(4, 0, 0, 0, 0) # PR_SET_DUMPABLE
try: os.rmdir("/no/such")
except OSError as error: print(error.errno)`;
  for (const more of ["", "rule { syscall_name = mkdir when = after action { type = LOG } }"]) {
    const rule = `rule { rule_name = k syscall_name = rmdir filter_expression { PARAMS[1] == "/no/such" } ON
      action { type = KILL } } ${more}`;
    const skips = place.under(rule.replace("ON", ""), ["/usr/bin/python3", "-c", hides]);
    assert.equal(skips.stdout, "2\n");
    assert.match(skips.stderr, /k: 0 matched; 1 decided by on_unreadable/);
    const kills = place.under(rule.replace("ON", "on_unreadable = match"), [
      "/usr/bin/python3",
      "-c",
      hides,
    ]);
    assert.equal(kills.stdout, "");
  }
});

testAsEach("a procfs under another name leads nowhere else", (place, t) => {
  const { directory } = place;
  writeFileSync(join(directory, "secret"), "secret\n");
  mkdirSync(join(directory, "p"));
  const rule = `rule { syscall_name = open filter_expression { PATH == "${directory}/secret" } action { type = FAIL error_code = EACCES } }`;
  const program = `import ctypes, os, sys
libc = ctypes.CDLL(None)
if libc.unshare(0x10020000) != 0: sys.exit(77) # CLONE_NEWUSER | CLONE_NEWNS
libc.mount(b"none", b"/", None, 0x44000, None) # MS_REC | MS_PRIVATE
if libc.mount(b"/proc", b"p", None, 0x5000, None) != 0: sys.exit(77) # MS_BIND | MS_REC
for name in "secret", "p/self/cwd/secret", "p/thread-self/cwd/secret", f"p/{os.getpid()}/cwd/secret":
    try: print(open(name).read())
    except OSError as error: print(error.errno)
print(open("p/self/comm").read(), end="")`;
  const { stdout, status } = place.under(rule, ["/usr/bin/python3", "-c", program]);
  if (status === 77) return t.skip("this system gives no namespaces to this user");
  assert.equal(stdout, "13\n13\n13\n13\npython3\n");
});

testAsEach("a killed call is not made", (place) => {
  const file = join(place.directory, "precious");
  writeFileSync(file, "");
  for (const when of ["", "rule { syscall_name = rmdir when = after action { type = LOG } }"]) {
    const rule = `rule { syscall_name = unlink action { type = KILL } } ${when}`;
    assert.equal(place.under(rule, ["rm", file]).signal, "SIGKILL");
    assert.ok(existsSync(file));
  }
});
