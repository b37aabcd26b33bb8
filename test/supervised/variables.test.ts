/** Every variable of the language, as a macro and as a condition, of a real process. */
import assert from "node:assert/strict";
import { readlinkSync } from "node:fs";
import { logRule, mechanisms } from "./mechanisms.ts";
import { logLines, testAsEach } from "./sct.ts";

for (const by of mechanisms) {
  testAsEach(`capabilities are those of now, by ${by}`, (place, t) => {
    const program = `import ctypes
libc = ctypes.CDLL(None, use_errno=True)
def can():
    libc.access(b"zz", 0)
    return ctypes.get_errno() == 13
def drop():
    return libc.syscall(126, ctypes.byref((ctypes.c_uint32 * 2)(0x20080522, 0)), ctypes.byref((ctypes.c_uint32 * 6)()))
assert drop() == 0
before = can()
print("unshare", libc.unshare(0x10000000))
print(before, can(), drop(), can())`;
    const rule = `rule { syscall_name = access filter_expression { PARAMS[1] == "zz" && CAPS != 0 }
      action { type = FAIL error_code = EACCES } } ${logRule(by, "rmdir")}`;
    const { stdout, stderr } = place.under(rule, ["/usr/bin/python3", "-c", program]);
    if (stdout.includes("unshare -1")) return t.skip("no user namespaces for this user here");
    assert.equal(stdout, "unshare 0\nFalse True 0 False\n", stderr);
  });

  testAsEach(`a status longer than 16 KiB is read to its end, by ${by}`, (place, t) => {
    if (place.user.uid !== 0) return t.skip("only the superuser sets groups");
    // with ten digits each: 700 kB before the lines of capabilities and namespaces
    const program = `import os
os.setgroups(range(4000000000, 4000065536))
try: os.rmdir("zz")
except OSError as error: print(error.errno)
print(int([line for line in open("/proc/self/status") if line.startswith("CapEff")][0].split()[1], 16))`;
    const { stdout, stderr } = place.under(
      `rule { syscall_name = rmdir filter_expression { PARAMS[1] == "zz" && CAPS == 0 }
        action { type = FAIL error_code = EACCES } } ${logRule(by, "rmdir", "%caps %pid %nspid")}`,
      ["/usr/bin/python3", "-c", program],
    );
    const [errno, caps] = stdout.split("\n");
    assert.equal(errno, "2", "capabilities that are there count as none");
    const [shown, pid, inner] = logLines(stderr).at(-1)?.split(" ") ?? [];
    assert.deepEqual([shown, inner], [caps, pid], stderr);
  });

  testAsEach(
    `macros without a field in the record show what the process has, by ${by}`,
    (place) => {
      const format =
        "%argv|%argv0|%argv2|%argv9|%envp{WORD}|%envp{NO_SUCH}|%caps|%nspid|%pid|%pidns|%mntns|%cgroup|%container";
      const rule = `${logRule(by, "execve", format).replace("action", 'filter_expression { PARAMS[1] endswith "/true" } action')}`;
      const script = 'WORD="two words" exec /bin/true one "tw\\"o"';
      const { stderr } = place.under(rule, ["sh", "-c", script]);
      const [line = ""] = logLines(stderr);
      const [
        argv,
        argv0,
        argv2,
        argv9,
        word,
        missing,
        caps,
        nspid,
        pid,
        pidns,
        mntns,
        cgroup,
        container,
      ] = line.split("|");
      assert.deepEqual(
        [argv, argv0, argv2, argv9],
        ['["/bin/true", "one", "tw\\"o"]', '"/bin/true"', '"tw\\"o"', "(none)"],
        stderr,
      );
      assert.deepEqual([word, missing], ['"two words"', "(none)"]);
      assert.match(caps ?? "", /^-?\d+$/);
      if (place.user.uid !== 0) assert.equal(caps, "0");
      const namespace = (name: string) => /\d+/.exec(readlinkSync(`/proc/self/ns/${name}`))?.[0];
      assert.equal(BigInt.asUintN(32, BigInt(pidns ?? 0)).toString(), namespace("pid"));
      assert.equal(BigInt.asUintN(32, BigInt(mntns ?? 0)).toString(), namespace("mnt"));
      assert.match(nspid ?? "", /^\d+$/);
      if (by === "notification") assert.match(pid ?? "", /^\d+$/);
      assert.match(cgroup ?? "", /^(\d+|\(unreadable\))$/);
      assert.match(container ?? "", /^"([0-9a-f]{64})?"$/);
    },
  );

  testAsEach(`%argv keeps the borders of arguments, by ${by}`, (place) => {
    const rule = `${logRule(by, "execve", "%argv").replace("action", 'filter_expression { PARAMS[1] endswith "/true" } action')}`;
    const shown = (script: string): string =>
      logLines(place.under(rule, ["sh", "-c", script]).stderr)[0] ?? "";
    assert.equal(shown('/bin/true "a b" "" c'), '["/bin/true", "a b", "", "c"]');
    assert.equal(shown("/bin/true a b '' c"), '["/bin/true", "a", "b", "", "c"]');
    // no border that an argument could forge, no more than a text may have
    assert.equal(shown(`/bin/true 'x", "y'`), String.raw`["/bin/true", "x\", \"y"]`);
    const long = shown(`/bin/true $(printf '%05000d' 0)`);
    assert.ok(
      long.startsWith('["/bin/true", "000') && long.endsWith('0"...]') && long.length > 4000,
      long.slice(-80),
    );
  });

  testAsEach(`lines say who calls, and where a name begins, by ${by}`, (place) => {
    const deep = `${place.directory}/a/b`;
    place.plain(["sh", "-c", `mkdir -p ${deep}; touch ${deep}/3`]);
    const rule = logRule(by, "unlink", "%cmdline %dir %params");
    const { stderr } = place.under(rule, ["rm", "-rf", "a", "", "x y"]);
    const args = '["rm", "-rf", "a", "", "x y"]';
    assert.equal(logLines(stderr)[0], `${args} "${deep}" "3"`, stderr);
  });

  testAsEach(`fields of structs are shown by their names, by ${by}`, (place) => {
    const program = `import socket
def to(family, address):
    try: socket.socket(family, socket.SOCK_DGRAM).connect(address)
    except OSError: pass
to(socket.AF_INET, ("127.0.0.1", 40000))
to(socket.AF_INET6, ("fe80::1:0:0:2", 9))
to(socket.AF_UNIX, "/no/such")`;
    const format =
      "%param2.sin_port %param2.port %param2.addr %param2.sin_family{symbolic} %param2.family %param2.sun_path %param2.";
    const rule = `${logRule(by, "connect", format)}`;
    const { stderr } = place.under(rule, ["/usr/bin/python3", "-c", program]);
    const lines = logLines(stderr).map((line) => line.replace(/%param2\.$/, ""));
    assert.equal(lines.length, 3, stderr);
    assert.match(lines[0] ?? "", /^40000 40000 127\.0\.0\.1 AF_INET 2 ".*" -?\d+\.$/);
    assert.match(lines[1] ?? "", /^9 9 fe80::1:0:0:2 AF_INET6 10 ".*" -?\d+\.$/);
    assert.match(lines[2] ?? "", /^\d+ \d+ \(none\) AF_UNIX 1 "\/no\/such" -?\d+\.$/);
  });

  testAsEach(
    `conditions on every variable hold for the process that they describe, by ${by}`,
    (place) => {
      const { uid } = place.user;
      const { directory } = place;
      const namespace = (name: string) => /\d+/.exec(readlinkSync(`/proc/self/ns/${name}`))?.[0];
      const holding = [
        `UID == ${uid} && EUID == ${uid} && SUID == ${uid} && FSUID == ${uid}`,
        `GID == ${uid} && EGID == ${uid} && SGID == ${uid} && FSGID == ${uid}`,
        "PID == TID && PPID > 0 && NSPID > 0",
        'COMM == "rmdir" && PCOMM == "sh" && EXE endswith "/rmdir"',
        `CWD == "${directory}"`,
        'SNAME == "rmdir" && ABI == "x86_64" && SYSCALL == 84',
        `PATH == "${directory}/no/such" && PATH[1] == PATH`,
        'PARAMS[1] =~ "^no/s.ch$" && PARAMS[1] !~ "^such"',
        'descends_from("sh") && !descends_from("no such")',
        `PIDNS == ${namespace("pid")} && MNTNS == ${namespace("mnt")}`,
        uid === 0 ? "CAPS >= 0" : "CAPS == 0",
        'CONTAINER =~ "^([0-9a-f]{64})?$"',
        "LOGINUID >= 0 && SESSIONID >= 0",
      ];
      const rules = holding.flatMap((condition, i) =>
        [condition, `!(${condition})`].map(
          (filter, k) =>
            `${logRule(by, "rmdir", `${i} ${k === 0}`).replace("action", `filter_expression { ${filter} } continue = yes on_unreadable = skip action`)}`,
        ),
      );
      const { stderr } = place.under(rules.join("\n"), [
        "sh",
        "-c",
        "rmdir no/such 2>/dev/null; true",
      ]);
      assert.deepEqual(
        logLines(stderr),
        holding.map((_, i) => `${i} true`),
      );
      const execve =
        'ARGV[1] == "x" && ARGV contains "echo" && ENVP["WORD"] == "w" && ENVP["WORD"] != "v"';
      const rule = logRule(by, "execve", "seen").replace(
        "action",
        `filter_expression { ${execve} } action`,
      );
      const shown = place.under(rule, [
        "sh",
        "-c",
        "WORD=w /bin/echo x; WORD=v /bin/echo x; WORD=w /bin/echo y",
      ]);
      assert.deepEqual(logLines(shown.stderr), ["seen"]);
    },
  );
}

testAsEach("a filter on DURATION sees the time that the event shows", (place) => {
  const rule = (name: string, filter: string) =>
    `rule { rule_name = ${name} syscall_name = nanosleep, clock_nanosleep when = after
      filter_expression { ${filter} } action { type = LOG log_format {%ruleid %duration} } }`;
  const rules = `${rule("long", "DURATION >= 150ms")} ${rule("short", "DURATION < 150ms")}`;
  const { status, stderr } = place.under(rules, ["sh", "-c", "sleep 0.2; sleep 0.01"]);
  const shown = logLines(stderr).map((line) => line.split(" "));
  assert.equal(status, 0, stderr);
  const [long, short] = shown.map(([, ns]) => Number(ns));
  assert.ok(long !== undefined && long >= 200e6, stderr);
  assert.ok(short !== undefined && short >= 10e6, stderr);
  // a busy machine may make any sleep long
  const names = [long, short].map((ns) => (ns < 150e6 ? "short" : "long"));
  assert.deepEqual(
    shown.map(([name]) => name),
    names,
    stderr,
  );
});

testAsEach("a call that a rule refuses took no time, and a rule asks for it by itself", (place) => {
  const rules = [
    "mkdir then FAIL EPERM",
    "mkdir if DURATION == 0 then LOG {%sname %retval %duration}",
  ].flatMap((rule) => ["-e", rule]);
  const { stderr } = place.run(rules, ["mkdir", "x"]);
  assert.ok(logLines(stderr).includes("mkdir -1 0"), stderr);
});
