import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { parseRules } from "./index.ts";
import {
  diagnosticsOf,
  expectDiagnostics,
  expectPrinted,
  ruleOf,
  verdictOf,
} from "./testing/expect.ts";
import { testVocabulary } from "./testing/vocabulary.ts";

const fail = (filter: string, call = "unlink", rest = "") =>
  `rule { syscall_name = ${call} filter_expression {${filter}} action { type = FAIL error_code = -1 } ${rest} }`;

describe("parseRules() accepts", () => {
  const classic = `rule
{
  syscall_name = unlink
  rule_name = unlink_rule1
  filter_expression {PARAMS[1]=="/etc/passwd" && UID == 0}
  action {
    type = LOG
    log_format {%comm : %params delete by %euid --> %suid}
  }
  when = before
}`;
  const accepted: Readonly<Record<string, string>> = {
    "the article's rule": classic,
    "no spaces": `rule{syscall_name=unlink rule_name=a action{type=LOG log_format{%comm}}when=before}`,
    semicolons: "rule { syscall_name = unlink; action { type = LOG; }; when = before; };",
    "retval after": ruleOf("RETVAL < 0", "unlink", "when = after"),
    "code 1": fail("UID == 0").replace("-1", "1"),
    "code name": fail("UID == 0").replace("-1", "EPERM"),
    "negative code name": fail("UID == 0").replace("-1", "-EPERM"),
    "a class where some lack a path": ruleOf('PATH == "/x"', "@all"),
    "a class where some lack a parameter": ruleOf("PARAMS[4] == 5 || UID == 0", "@all"),
    "rewriting before": `rule { syscall_name = open action { type = REWRITE rewrite { PARAMS[1] = "/dev/null"; PARAMS[2] = PARAMS[2] & ~1 } } }`,
    "rewriting after":
      "rule { syscall_name = open when = after action { type = REWRITE rewrite { RETVAL = 0 } } }",
    counting: "rule { syscall_name = open action { type = COUNT } }",
    "counting by values":
      "rule { syscall_name = open when = after action { type = COUNT by COMM, PATH, RETVAL < 0 sum = RETVAL, UID hist DURATION } }",
    "counting by what some calls of a class lack":
      "rule { syscall_name = @all action { type = COUNT by PATH, SNAME } }",
    "a byte-order mark": `\ufeff${classic}`,
    "carriage returns": classic.replaceAll("\n", "\r\n"),
    "defines used before they stand": `${ruleOf("ADMIN && A")} define A { B } define B { UID in L } list L { 0..9, M } list M { 20 } define ADMIN { EUID == 0 }`,
    "a define of a number": `define ROOT { 0 } list IDS { ROOT, 1 } ${ruleOf("UID == ROOT || EUID in IDS")}`,
    "nothing at all": "",
    "comments only": "# a\n// b\n/* c */",
  };
  for (const [name, text] of Object.entries(accepted)) {
    test(name, () => expectDiagnostics(text));
  }
  test("an error of a variant in no way touches the others", () => {
    const { ruleSet } = parseRules(
      [{ name: "t", text: ruleOf("UID == 0", "unlink, open") }],
      testVocabulary,
    );
    assert.deepEqual(
      ruleSet?.rules[0]?.targets.map((t) => t.name),
      ["unlink", "open"],
    );
  });
});

describe("checked rules", () => {
  const ruleFrom = (text: string) => {
    const { ruleSet } = parseRules([{ name: "file.conf", text }], testVocabulary);
    assert.ok(ruleSet, diagnosticsOf(text).join("\n"));
    return ruleSet.rules;
  };
  test("are named after their place, uniquely", () => {
    const one = "rule { syscall_name = unlink continue = yes action { type = LOG } }";
    assert.deepEqual(
      ruleFrom(`\n${one} ${one}`).map((r) => r.name),
      ["file.conf:2", "file.conf:2:69"],
    );
  });
  const unreadable: Readonly<Record<string, string>> = {
    "action { type = LOG }": "match",
    "action { type = FAIL error_code = 1 }": "match",
    "action { type = KILL }": "skip",
    "action { type = LOG } action { type = SUSPEND }": "skip",
    "action { type = KILL } on_unreadable = match": "match",
    "action { type = LOG } on_unreadable = skip": "skip",
  };
  for (const [actions, expected] of Object.entries(unreadable)) {
    test(`${actions} → ${expected}`, () => {
      assert.equal(
        ruleFrom(`rule { syscall_name = unlink ${actions} }`)[0]?.onUnreadable,
        expected,
      );
    });
  }
  test("hold limits, priorities and timeouts", () => {
    const [rule] =
      ruleFrom(`rule { syscall_name = unlink priority = err limit = 10/2s per uid tags = a, b
      description = "x" action { type = SUSPEND timeout = 30s } }`);
    assert.equal(rule?.priority, 3);
    assert.deepEqual(rule?.tags, ["a", "b"]);
    assert.equal(rule?.limit?.per, "UID");
    assert.equal(rule?.limit?.periodNs, 2_000_000_000n);
    assert.ok(rule?.actions[0]?.type === "SUSPEND");
    assert.equal(rule.actions[0].timeoutNs, 30_000_000_000n);
  });
  test("hold log formats in pieces", () => {
    const [rule] = ruleFrom(`rule { syscall_name = unlink action { type = LOG log_format {
      %comm[%pid]
      %% {x} %path1 %time{%H:%M} %params{symbolic}% } } }`);
    const action = rule?.actions[0];
    assert.ok(action?.type === "LOG");
    const shown = action.format?.map((p) =>
      p.kind === "text" ? p.text : [p.name, p.index, p.argument].filter((x) => x !== undefined),
    );
    assert.deepEqual(shown, [
      ["comm"],
      "[",
      ["pid"],
      "] % {x} ",
      ["path", 1],
      " ",
      ["time", "%H:%M"],
      " ",
      ["params", "symbolic"],
      "%",
    ]);
  });
  test("share a filter among calls that look alike to it", () => {
    const [rule] = ruleFrom(ruleOf("UID == 0", "@all"));
    assert.equal(new Set(rule?.targets.map((t) => t.filter)).size, 1);
  });
});

describe("warnings", () => {
  const log = "rule { rule_name = log syscall_name = unlink action { type = LOG } }";
  const rows: readonly (readonly [text: string, ...expected: string[]])[] = [
    [`${log} ${fail("UID == 0")}`, "shadowed_rule: The rule never acts: `log`"],
    [`${fail("UID == 0")} ${log}`],
    [`${log.replace("action", "continue = yes action")} ${fail("UID == 0")}`],
    [`${log} ${fail("UID == 0", "unlink, open")}`],
    [`${log} ${ruleOf("RETVAL < 0", "unlink", "when = after")}`],
    [`${ruleOf("UID == 0")} ${fail("UID == 0 && GID == 0")}`, "shadowed_rule"],
    [`${ruleOf("UID == 0 && GID == 0")} ${fail("UID == 0")}`],
    [`${ruleOf("UID == 0 || GID == 0")} ${fail("UID==0||GID==0")}`, "shadowed_rule"],
    [fail('PARAMS[1] == "/etc/passwd"'), "raw_path"],
    [
      fail('PARAMS[1] == "/etc/passwd"').replace(/type = FAIL[^}]*/, "type = SUSPEND "),
      "raw_path: SUSPEND is decided by the text of PARAMS[1]",
    ],
    [fail('PARAMS[1] == "/etc/passwd" && PATH[1] == "/etc/passwd"'), "left_open"],
    [fail('PATH[1] == "/etc/passwd"'), "left_open: System-wide, mounts get around FAIL"],
    [ruleOf('PATH[1] == "/etc/passwd"')],
    [`# sct: allow left_open\n${fail('PATH[1] == "/etc/passwd"')}`],
    [ruleOf('PARAMS[1] == "/etc/passwd"')],
    [
      fail("UID == 0", "unlink", "syscall_match = exact"),
      "other_way: What `unlink` does can also be done by `unlinkat`",
    ],
    [fail("UID == 0", "unlinkat"), "other_way"],
    [fail("UID == 0", "unlinkat, @delete")],
    [
      fail('PATH == "/x"', "chmod"),
      "other_way: What `chmod` does can also be done by `fchmod`",
      "left_open",
    ],
    [fail("UID == 0", "chmod")],
    [fail('PATH == "/x"', "chmod, open"), "left_open"],
    [ruleOf("UID == 0 && UID == 1"), "never_matches"],
    [ruleOf("UID > 5 && UID < 3"), "never_matches"],
    [ruleOf("UID > 5 && UID < 7")],
    [ruleOf("UID in 1..5 && UID in 6..9"), "never_matches"],
    [ruleOf('COMM == "a" && COMM == "b"'), "never_matches"],
    [ruleOf('COMM in ("a", "b") && COMM == "b"')],
    [ruleOf("(UID == 0 && UID == 1) || (GID == 0 && GID == 1)"), "never_matches"],
    [ruleOf("1 == 2"), "never_matches"],
    [ruleOf("1 < 2"), "always_true"],
    [ruleOf("UID == 4294967296"), "comparison_never"],
    [ruleOf("UID < 0"), "comparison_never"],
    [
      ruleOf('PATH[1] == "passwd"'),
      "comparison_never: The comparison is never true: a resolved path",
    ],
    [ruleOf('COMM == "sixteen-bytes-xx"'), "comparison_never"],
    [ruleOf("PARAMS[2] & O_CREAT == O_CREAT", "open"), "precedence"],
    [ruleOf("(PARAMS[2] & O_CREAT) == O_CREAT", "open")],
    [ruleOf("UID / 0 == 1"), "division_by_zero"],
    [ruleOf("UID << 64 == 1"), "shift_count"],
    [ruleOf("UID == 0", "unlink, unlink"), "duplicate_call"],
  ];
  for (const [text, ...expected] of rows) test(text, () => expectDiagnostics(text, ...expected));
});

describe("printRules()", () => {
  test("prints canonical text", () => {
    expectPrinted(
      "rule{syscall_name=unlink,open action{type=LOG log_format{ a\n b }}filter_expression{UID==0&&!(GID==1)}limit=10/s per uid}",
      "rule {\n  syscall_name = unlink, open\n  action {\n    type = LOG\n    log_format {a b}\n  }\n  filter_expression {UID == 0 && !(GID == 1)}\n  limit = 10/s per uid\n}\n",
    );
  });
});

describe("frequencies", () => {
  test("print as they were written", () => {
    const entries = ["occurrence = 3..6 per pid", "threshold = 5/10s per comm", "chance = 0.5%"];
    const text = `rule {\n  syscall_name = unlink\n${entries.map((entry) => `  ${entry}\n`).join("")}  action {\n    type = LOG\n  }\n}\n`;
    expectPrinted(text, text);
    for (const more of ["3", "3+", "3+2"]) {
      const other = text.replace("3..6", more);
      expectPrinted(other, other);
    }
  });

  test("hide no later rule", () => {
    const rule = (entry: string): string =>
      `rule { syscall_name = unlink ${entry} action { type = FAIL error_code = EIO } }`;
    expectDiagnostics(rule("occurrence = 2") + rule(""));
    expectDiagnostics(rule("") + rule("occurrence = 2"), "shadowed_rule");
  });
});

describe("evaluate() laws", () => {
  const atom = fc.constantFrom(
    "UID == 0",
    "UID == 1",
    'PARAMS[1] == "x"',
    "10 / UID == 1",
    'COMM == "a"',
  );
  // An address that cannot be read, so that all three values occur.
  const setup = { args: [0xdead_0000n], variables: { UID: 0n } };
  const same = (left: string, right: string) =>
    assert.equal(verdictOf(left, setup), verdictOf(right, setup), `${left} / ${right}`);
  test("De Morgan, double negation, commutation, absorption", () => {
    fc.assert(
      fc.property(atom, atom, atom, (a, b, c) => {
        same(`!(${a} && ${b})`, `!(${a}) || !(${b})`);
        same(`!(${a} || ${b})`, `!(${a}) && !(${b})`);
        same(`!!(${a})`, a);
        same(`${a} && ${b}`, `${b} && ${a}`);
        same(`${a} || (${a} && ${b})`, a);
        same(`${a} && (${b} || ${c})`, `(${a} && ${b}) || (${a} && ${c})`);
      }),
      { numRuns: 60 },
    );
  });
  test("arithmetic is that of 64-bit two's complement", () => {
    const op = fc.constantFrom("+", "-", "*", "&", "|", "^");
    const int = fc.bigInt({ min: 0n, max: (1n << 63n) - 1n });
    fc.assert(
      fc.property(op, int, int, (o, a, b) => {
        const exact =
          { "+": a + b, "-": a - b, "*": a * b, "&": a & b, "|": a | b, "^": a ^ b }[o] ?? 0n;
        const value = BigInt.asIntN(64, exact);
        const literal = value < 0n ? `-${-value}` : String(value);
        // Once folded by the checker, once by the evaluator.
        assert.equal(verdictOf(`(${a} ${o} ${b}) == ${literal} && UID == 0`, setup), "match");
        assert.equal(verdictOf(`((${a} + UID) ${o} ${b}) == ${literal}`, setup), "match");
      }),
      { numRuns: 100 },
    );
  });
});

test("more warnings than are shown refuse nothing, and hide no error", () => {
  const rules = Array.from(
    { length: 600 },
    (_, i) =>
      `rule { rule_name = r${i} syscall_name = unlink filter_expression { PARAMS[1] == "/${i}" } action { type = FAIL error_code = EPERM } }`,
  );
  const check = (text: string) => {
    const { ruleSet, diagnostics } = parseRules([{ name: "t", text }], testVocabulary);
    return { count: ruleSet?.rules.length, codes: diagnostics.map(({ code }) => code) };
  };
  const { count, codes } = check(rules.join("\n"));
  assert.equal(count, 600);
  assert.deepEqual(codes, [...Array(500).fill("raw_path"), "too_many_warnings"]);
  const wrong = check(`${rules.join("\n")}\n${"rule { }\n".repeat(600)}`);
  assert.equal(wrong.count, undefined);
  const missing = wrong.codes.filter((code) => code.startsWith("missing_"));
  assert.equal(missing.length, 500);
  assert.equal(wrong.codes.filter((code) => code === "too_many_errors").length, 1);
});
