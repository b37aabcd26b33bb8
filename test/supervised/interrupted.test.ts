/** Calls that are made again, after a signal or a stop: decided again, and reported as often as they end. */
import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { logRule, mechanisms } from "./mechanisms.ts";
import { build } from "./programs.ts";
import { logLines, type Place, testAsEach } from "./sct.ts";

const EPERM = 1;
const MANY = 7;

/** FAIL on the name of a file, and as much as it takes for the mechanism. */
function refuse(call: string, by: (typeof mechanisms)[number], test = "PATH"): string {
  const refusal = `rule { syscall_name = ${call} filter_expression { ${test} endswith "/precious" }
    action { type = FAIL error_code = EPERM } }`;
  return by === "ptrace"
    ? `${refusal} rule { syscall_name = ${call} when = after action { type = LOG } }`
    : refusal;
}

function prepared(place: Place): string {
  const precious = join(place.directory, "precious");
  writeFileSync(precious, "");
  writeFileSync(join(place.directory, "other"), "");
  place.own(place.directory);
  assert.equal(place.plain(["mkfifo", "fifo"]).status, 0);
  return precious;
}

for (const by of mechanisms) {
  for (const mode of ["swap-after", "swap-in"])
    testAsEach(
      `a call made again with another text is decided again (${mode}), by ${by}`,
      (place, t) => {
        const program = build(t, "interrupted");
        if (program === undefined) return;
        const precious = prepared(place);
        for (const test of ["PATH", "PARAMS[1]"]) {
          const { stdout, stderr } = place.run(
            ["-o", "log", "-e", refuse("open", by, test)],
            [program, mode, "fifo", precious],
          );
          assert.equal(stdout, `errno ${EPERM}\n`, stderr);
        }
      },
    );

  testAsEach(`SUSPEND lets nothing else through, by ${by}`, (place, t) => {
    const program = build(t, "interrupted");
    if (program === undefined) return;
    const precious = prepared(place);
    const rules = `rule { syscall_name = unlink filter_expression { PATH endswith "/other" }
      action { type = SUSPEND timeout = 100ms } } ${refuse("unlink", by)}`;
    const { stdout, stderr } = place.under(rules, [program, "swap-stopped", "other", precious]);
    assert.equal(stdout, `errno ${EPERM}\n`, stderr);
    assert.ok(existsSync(precious));
  });

  testAsEach(`a call with another text is suspended again, by ${by}`, (place, t) => {
    const program = build(t, "interrupted");
    if (program === undefined) return;
    const precious = prepared(place);
    const rules = `rule { rule_name = wait syscall_name = unlink
      action { type = SUSPEND timeout = 100ms } } ${logRule(by, "rmdir")}`;
    const { stderr } = place.under(rules, [program, "swap-stopped", "other", precious]);
    assert.deepEqual(stderr.match(/unlink\(".*(other|precious)"\)/g)?.length, 2, stderr);
    assert.ok(!existsSync(precious));
  });

  testAsEach(
    `what comes after SUSPEND takes effect when the process continues, by ${by}`,
    (place) => {
      const file = join(place.directory, "file");
      writeFileSync(file, "");
      const suspend = "action { type = SUSPEND timeout = 100ms }";
      const fail = "action { type = FAIL error_code = EROFS }";
      for (const rules of [
        `rule { syscall_name = unlink ${suspend} ${fail} }`,
        `rule { syscall_name = unlink ${suspend} continue = yes } rule { syscall_name = unlink ${fail} }`,
        `rule { syscall_name = unlink ${suspend} action { type = KILL } }`,
        `rule { syscall_name = unlink ${suspend} continue = yes } rule { syscall_name = unlink action { type = KILL } }`,
      ]) {
        const { status, signal, stderr } = place.under(`${rules} ${logRule(by, "rmdir")}`, [
          "rm",
          "-f",
          "file",
        ]);
        assert.match(stderr, /stopped process/);
        if (rules.includes("KILL")) assert.equal(signal, "SIGKILL");
        else assert.equal(status, 1, stderr);
        if (!rules.includes("KILL")) assert.match(stderr, /Read-only file system/);
        assert.ok(existsSync(file));
      }
    },
  );
}

/** Lines of rules about `read` of one byte, by ptrace. */
function reads(place: Place, command: readonly string[]): { before: string[]; after: string[] } {
  const filter = "syscall_match = exact filter_expression { PARAMS[3] == 1 }";
  const rules = `rule { syscall_name = read ${filter} action { type = LOG log_format {before} } continue = yes }
    rule { syscall_name = read when = after ${filter} action { type = LOG log_format {after %retval} } }`;
  const log = join(place.directory, "log");
  const { status, stderr } = place.run(["-o", log, "-e", rules], command);
  assert.equal(status, 0, stderr);
  const lines = logLines(readFileSync(log, "utf8"));
  return {
    before: lines.filter((line) => line.startsWith("before")),
    after: lines.filter((line) => line.startsWith("after")),
  };
}

testAsEach("a call that ends with EINTR has both of its events", (place, t) => {
  const program = build(t, "interrupted");
  if (program === undefined) return;
  const { before, after } = reads(place, [program, "eintr", String(MANY)]);
  assert.equal(before.length, MANY);
  assert.deepEqual(after, Array(MANY).fill("after -4"));
});

testAsEach("a call that the kernel makes again is one", (place, t) => {
  const program = build(t, "interrupted");
  if (program === undefined) return;
  const { before, after } = reads(place, [program, "restart", String(MANY)]);
  assert.equal(before.length, MANY);
  assert.deepEqual(after, Array(MANY).fill("after 1"));
});

testAsEach("a call that a handler leaves by a jump is over", (place, t) => {
  const program = build(t, "interrupted");
  if (program === undefined) return;
  const { before, after } = reads(place, [program, "jump", String(MANY)]);
  assert.equal(before.length, MANY);
  assert.deepEqual(after, Array(MANY).fill("after -4"));
});

testAsEach(
  "a call that a stop interrupts ends once, with its result and the whole time",
  (place, t) => {
    const program = build(t, "interrupted");
    if (program === undefined) return;
    const log = join(place.directory, "log");
    const rule = `rule { syscall_name = poll when = after syscall_match = exact filter_expression { PARAMS[3] == 600 }
    action { type = LOG log_format {%sname %retval %duration} } }`;
    const { status } = place.run(["-o", log, "-e", rule], [program, "poll"]);
    assert.equal(status, 0);
    const [line = "", ...others] = logLines(readFileSync(log, "utf8"));
    assert.deepEqual(others, []);
    const [, duration = "0"] = /^poll 0 (\d+)$/.exec(line) ?? [];
    assert.ok(Number(duration) >= 590_000_000, line);
  },
);

testAsEach("a call made again with another text is rewritten by it", (place, t) => {
  const program = build(t, "interrupted");
  if (program === undefined) return;
  const precious = prepared(place);
  const rules = `rule { syscall_name = open filter_expression { PATH endswith "/precious" }
    action { type = REWRITE rewrite { PARAMS[1] = "/no/such" } } }
    rule { syscall_name = open filter_expression { PATH endswith "/fifo" }
    action { type = REWRITE rewrite { PARAMS[1] = "./fifo" } } }`;
  for (const mode of ["swap-after", "swap-in"]) {
    const { stdout } = place.under(rules, [program, mode, "fifo", precious]);
    assert.equal(stdout, "errno 2\n");
  }
});

testAsEach("the result of an interrupted call can be rewritten", (place, t) => {
  const program = build(t, "interrupted");
  if (program === undefined) return;
  const rule = `rule { syscall_name = openat syscall_match = exact when = after filter_expression { PARAMS[2] == "fifo" && RETVAL == -4 }
    action { type = REWRITE rewrite { RETVAL = -13 } } }`;
  prepared(place);
  const { status } = place.under(rule, [program, "swap-after", "fifo", "other"]);
  // not EINTR any more, so that the program gives up
  assert.equal(status, 1);
});
