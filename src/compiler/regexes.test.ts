/** Regular expressions in rules, on each kind of machine, in the interpreter. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { compileRules } from "./index.ts";
import { MACHINES } from "./testing/machines.ts";
import { UNMAPPED } from "./testing/process-memory.ts";
import { checked, eventsOf } from "./testing/rules.ts";
import { type SimulatedCall, Simulation } from "./testing/simulation.ts";

const ALL = Object.keys(MACHINES) as (keyof typeof MACHINES)[];
const rule = (filter: string, more = ""): string =>
  `rule { syscall_name = unlink ${more} filter_expression { ${filter} } action { type = LOG } }`;
const unlink = (path: NonNullable<SimulatedCall["args"]>[number], file = ""): SimulatedCall => ({
  name: "unlinkat",
  nr: 263,
  args: [-100, path, 0],
  ...(file === "" ? {} : { hooks: [["path_unlink", (o) => [o.path("/etc"), o.dentry(file)]]] }),
});

/** Memory of simulated processes is written as one byte a character. */
const latin1 = (text: string): string => Buffer.from(text).toString("latin1");

for (const machine of ALL) {
  const simulate = (text: string, caller = {}): Simulation =>
    new Simulation(checked(text), MACHINES[machine], {}, caller);
  const isFound = (text: string, call: SimulatedCall, caller = {}): boolean =>
    simulate(text, caller).call(call).records.length === 1;

  test(`${machine}: an expression is searched for anywhere in the bytes`, () => {
    const cases: readonly (readonly [filter: string, path: string, boolean])[] = [
      ['PARAMS[1] =~ "b+"', "/abba", true],
      ['PARAMS[1] =~ "^b"', "/b", false],
      ['PARAMS[1] =~ "\\.so$"', "/lib/x.so", true],
      ['PARAMS[1] =~ "\\.so$"', "/lib/x.so.1", false],
      ['PARAMS[1] =~ "(?i)PASSWD"', "/etc/passwd", true],
      ['PARAMS[1] =~ "\\btmp\\b"', "/tmp/x", true],
      ['PARAMS[1] =~ "\\btmp\\b"', "/tmp2/x", false],
      ['PARAMS[1] =~ "(?m)^b$"', "a\nb\nc", true],
      ['PARAMS[1] =~ "^a.b$"', "a\nb", false],
      ['PARAMS[1] =~ "^é+$"', latin1("éé"), true],
      ['PARAMS[1] =~ "^a?$"', "", true],
      ['PARAMS[1] !~ "a"', "", true],
      ['PARAMS[1] !~ "a"', "/a", false],
      ['PARAMS[1] =~ ("^/x", "z$")', "/z", true],
      ['PARAMS[1] =~ ("^/x", "z$")', "/zx", false],
      ['PARAMS[1] !~ ("^/x", "z$")', "/zx", true],
      ['PARAMS[1] !~ ("^/x", "z$")', "/z", false],
      ['PARAMS[1] !~ ("^/x", "z$")', "/xa", false],
      ['!(PARAMS[1] =~ "a")', "/b", true],
      ['PARAMS[1] =~ "^/a" || PARAMS[1] matches "/b*" || PARAMS[1] contains "c"', "/xc", true],
      ['PARAMS[1] =~ "^/a" || PARAMS[1] matches "/b*" || PARAMS[1] contains "c"', "/xd", false],
    ];
    for (const [filter, path, expected] of cases)
      assert.equal(isFound(rule(filter), unlink(path)), expected, `${filter} of ${path}`);
    // no UTF-8
    assert.ok(isFound(rule('PARAMS[1] =~ "^a.b$"'), unlink("a\xffb")));
  });

  test(`${machine}: names of threads end at their first NUL, texts of calls are constants`, () => {
    const of = (comm: string, filter: string): boolean =>
      isFound(rule(filter), unlink("/x"), { comm });
    assert.ok(of("rm", 'COMM =~ "^rm$"'));
    assert.ok(!of("rmdir", 'COMM =~ "^rm$"'));
    assert.ok(of("x".repeat(15), 'COMM =~ "^x{15}$"'));
    assert.ok(of("rm", 'SNAME =~ "at$" && ABI !~ ("^i386", "arm")'));
  });

  test(`${machine}: text that cannot be read, or is longer than is read, leaves it open`, () => {
    for (const path of [UNMAPPED, "a".repeat(4097)])
      for (const [filter, open] of [
        ['PARAMS[1] =~ "^a"', true],
        ['PARAMS[1] !~ "^a"', true],
        ['PARAMS[1] !~ ("^a", "b")', true],
        ['PARAMS[1] =~ "^a" && UID == 77', false],
      ] as const)
        for (const choice of ["match", "skip"]) {
          const simulation = simulate(rule(filter, `on_unreadable = ${choice}`));
          const events = eventsOf(simulation, simulation.call(unlink(path)));
          assert.equal(events.length, open && choice === "match" ? 1 : 0, `${filter} ${choice}`);
        }
    assert.ok(isFound(rule('PARAMS[1] =~ "a{20}b$"'), unlink(`${"a".repeat(4095)}b`)));
  });
}

for (const machine of ALL.filter((name) => MACHINES[name].hookKind !== undefined))
  test(`${machine}: the file that is meant is searched, not the text`, () => {
    const simulation = new Simulation(
      checked(rule('PATH =~ "^/etc/pass" && PATH !~ ("\\.bak$", "~$")')),
      MACHINES[machine],
      {},
      {},
    );
    assert.equal(simulation.call(unlink("../etc/passwd", "/etc/passwd")).records.length, 1);
    assert.equal(simulation.call(unlink("/etc/passwd", "/etc/passwd.bak")).records.length, 0);
    assert.equal(simulation.call(unlink("/etc/passwd", "/etc/group")).records.length, 0);
  });

test("an expression whose automaton is too large is refused at its place, with the limit and what helps", () => {
  const text = `rule { rule_name = good syscall_name = unlink filter_expression { COMM =~ "x" } action { type = LOG } }
rule { syscall_name = unlink
  filter_expression { COMM =~ "^a" && (COMM !~ "x.{13}$" || PARAMS[1] =~ ("b", "y.{14}$")) }
  action { type = LOG } }`;
  const result = compileRules(checked(text), {
    machine: MACHINES.tracepoints,
    ringBytes: 1 << 20,
  });
  assert.ok(!result.ok);
  assert.deepEqual(
    result.diagnostics.map(({ code, message, span, hint }) => [
      code,
      message,
      text.slice(span.start, span.end),
      /`\{n\}`/.test(hint ?? ""),
    ]),
    ['COMM !~ "x.{13}$"', 'PARAMS[1] =~ ("b", "y.{14}$")'].map((where) => [
      "too_complex_for_kernel",
      "Cannot build the automaton: it needs more than 8192 states",
      where,
      true,
    ]),
  );
});
