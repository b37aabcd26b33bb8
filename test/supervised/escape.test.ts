/** Tricks of the supervised program itself: none of them gets a denied call through. */
import assert from "node:assert/strict";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { logRule, mechanisms } from "./mechanisms.ts";
import { build } from "./programs.ts";
import { testAsEach } from "./sct.ts";

const EPERM = 1;
const ENOSYS = 38;

interface Trick {
  readonly name: string;
  /** What the program sees of the call; the first is that by notification, the last that by ptrace. */
  readonly errnos?: readonly number[];
  readonly statuses?: readonly number[];
}

const TRICKS: readonly Trick[] = [
  { name: "filter-allow", errnos: [EPERM] },
  { name: "filter-trace", errnos: [EPERM] },
  { name: "filter-log", errnos: [EPERM] },
  // by ptrace the program gets no listener, which would be asked first
  { name: "filter-listen", errnos: [EPERM] },
  // by ptrace there are no such children: "cannot be tried"
  { name: "untraced", statuses: [1, 3] },
  // without a tracer the kernel refuses
  { name: "untraced3", errnos: [EPERM, ENOSYS] },
  // the filter's word; by ptrace nobody may ask for its stops
  { name: "traces-options" },
  { name: "traces-old-options" },
  { name: "traces-seize" },
  { name: "vfork" },
  { name: "exec" },
  // by ptrace nothing can be traced: "cannot be tried"
  { name: "traced", statuses: [1, 3] },
  // where the system gives them to this user
  { name: "namespaces", statuses: [1, 3] },
  { name: "not-dumpable", errnos: [EPERM] },
  { name: "close-all", errnos: [EPERM] },
  { name: "cover-all", errnos: [EPERM] },
];

/** Of the superuser's programs nobody is safe. */
const ON_SCT = ["seize-sct", "memory-of-sct", "read-sct", "descriptors-of-sct"];

for (const by of mechanisms) {
  const rules = `rule { syscall_name = unlink filter_expression { PATH endswith "/precious" }
    action { type = FAIL error_code = EPERM } } ${logRule(by, "rmdir")}`;

  testAsEach(`no trick of the program helps it, by ${by}`, (place, t) => {
    const program = build(t, "escape", "-pthread");
    if (program === undefined) return;
    const file = join(place.directory, "precious");
    writeFileSync(file, "");
    const names = TRICKS.map(({ name }) => name).join(" ");
    const script = `for trick in ${names}; do
      said=$("$0" $trick ${file} 2>/dev/null); echo "$trick: $said status $?"; done`;
    const { stdout, stderr } = place.under(rules, ["sh", "-c", script, program]);
    assert.ok(existsSync(file), stdout);
    const lines = stdout.split("\n");
    for (const { name, errnos, statuses = [1] } of TRICKS) {
      const line = lines.find((one) => one.startsWith(`${name}: `)) ?? "";
      assert.ok(statuses.includes(Number(line.split(" ").at(-1))), `${name}: ${stdout} ${stderr}`);
      const errno = errnos?.at(by === "ptrace" ? -1 : 0);
      if (errno !== undefined) assert.equal(line, `${name}: errno ${errno} status 1`);
    }
    if (by === "ptrace") assert.doesNotMatch(stdout, /reached/);
  });

  testAsEach(`who limits sct gains nothing, by ${by}`, (place, t) => {
    const program = build(t, "escape", "-pthread");
    if (program === undefined) return;
    const file = join(place.directory, "precious");
    writeFileSync(file, "");
    const { status } = place.under(rules, [program, "limit-sct", file]);
    assert.ok(existsSync(file));
    // sct gives up, or decides without knowing
    assert.ok(status === 125 || status === 1, String(status));
  });

  testAsEach(`an ordinary program cannot get at sct, by ${by}`, (place, t) => {
    const program = build(t, "escape", "-pthread");
    if (program === undefined) return;
    if (place.user.uid === 0) return t.skip("the superuser may do anything to any process");
    const file = join(place.directory, "precious");
    writeFileSync(file, "");
    const script = `for trick in ${ON_SCT.join(" ")}; do "$0" $trick ${file}; done`;
    const { stdout } = place.under(rules, ["sh", "-c", script, program]);
    assert.equal(stdout, `errno ${EPERM}\n`.repeat(ON_SCT.length));
    assert.ok(existsSync(file));
  });

  testAsEach(`rules see the start of the command, by ${by}`, (place) => {
    const rule = (test: string) => `rule { syscall_name = execve filter_expression { ${test} }
      action { type = FAIL error_code = EACCES } } ${logRule(by, "rmdir")}`;
    const run = (test: string) => place.under(rule(test), ["env", "x=1", "true"]).status;
    assert.equal(run('PATH endswith "/env"'), 126);
    assert.equal(run('ARGV contains "env x=1"'), 126);
    assert.equal(run(`CWD == "${place.directory}" && ARGV contains "env x"`), 126);
    assert.equal(run('EXE endswith "/env" && ARGV contains "true"'), 126);
    assert.equal(run('PATH endswith "/other"'), 0);
    assert.equal(run('ARGV contains "x=2"'), 0);
    assert.equal(run('CWD == "/no/such"'), 0);
  });
}
