import assert from "node:assert/strict";
import { test } from "node:test";
import { vocabulary } from "../../linux/index.ts";
import { parseRules, runTests } from "../index.ts";

function diagnosticsOf(filter: string, call = "prctl") {
  const text = `define NAMED { PARAMS[1] == PR_SET_NAME }
    rule { syscall_name = ${call} filter_expression { ${filter} } action { type = LOG } }`;
  return parseRules([{ name: "-e", text }], vocabulary).diagnostics;
}

test("a parameter is a string in all of an && that fixes the one that it depends on", () => {
  for (const filter of [
    'PARAMS[1] == PR_SET_NAME && PARAMS[2] startswith "kworker"',
    'PARAMS[2] =~ "^k" && 15 == PARAMS[1]',
    'NAMED && (PARAMS[2] in ("a", "b") || PARAMS[2] == COMM)',
    'UID == 0 || (UID == 1 && (NAMED && UID != 2)) && !(PARAMS[2] contains "x")',
    "NAMED && PARAMS[2] != NULL",
    "PARAMS[1] == PR_SET_PDEATHSIG && PARAMS[2] == SIGKILL",
  ])
    assert.deepEqual(diagnosticsOf(filter), [], filter);
  assert.deepEqual(diagnosticsOf('PARAMS[1] == KEYCTL_SEARCH && PARAMS[4] == "a"', "keyctl"), []);
});

test("elsewhere it is a number, and the hint says where it is a string", () => {
  for (const filter of [
    'PARAMS[2] == "x"',
    'PARAMS[1] == PR_SET_NAME || PARAMS[2] contains "x"',
    'PARAMS[1] != PR_SET_NAME && PARAMS[2] contains "x"',
    '!NAMED && PARAMS[2] contains "x"',
    'PARAMS[1] == PR_GET_NAME && PARAMS[2] contains "x"',
    '(NAMED && UID == 0) || PARAMS[2] contains "x"',
  ]) {
    const [first, ...more] = diagnosticsOf(filter);
    assert.equal(first?.code, "type_mismatch", filter);
    assert.match(first?.hint ?? "", /where the filter says `PARAMS\[1\] == PR_SET_NAME && …`/);
    assert.deepEqual(more, []);
  }
  assert.equal(diagnosticsOf('PARAMS[3] == "x" && NAMED')[0]?.hint, undefined);
});

test("defines that name each other end, however many they are", () => {
  const names = Array.from({ length: 40 }, (_, i) => `D${i}`);
  const defines = names.map((name, i) => {
    const next = names[(i + 1) % names.length];
    return `define ${name} { ${next} && ${next} }`;
  });
  const text = `${defines.join("\n")}
    rule { syscall_name = prctl filter_expression { D0 && PARAMS[2] == "x" } action { type = LOG } }`;
  const codes = parseRules([{ name: "-e", text }], vocabulary).diagnostics.map(({ code }) => code);
  assert.ok(codes.includes("recursive_name"), codes.join());
});

test("tests of rules give it as a string", () => {
  const text = `rule { rule_name = named syscall_name = prctl
      filter_expression { PARAMS[1] == PR_SET_NAME && PARAMS[2] startswith "kw" } action { type = LOG } }
    test "a" { call prctl(PR_SET_NAME, "kworker") expect LOG by named }
    test "b" { call prctl(PR_SET_NAME, "worker") expect nothing }
    test "c" { call prctl(PR_SET_PDEATHSIG, 9) expect nothing }`;
  const { ruleSet } = parseRules([{ name: "-e", text }], vocabulary);
  assert.ok(ruleSet);
  const results = runTests(ruleSet, vocabulary, () => "");
  assert.deepEqual(
    results.map(({ test: { title }, failures }) => [title, failures]),
    ["a", "b", "c"].map((title) => [title, []]),
  );
  const wrong = 'test "d" { call prctl(PR_SET_PDEATHSIG, "x") expect nothing }';
  const { diagnostics } = parseRules([{ name: "-e", text: wrong }], vocabulary);
  assert.equal(diagnostics[0]?.code, "type_mismatch");
});

test("the bytes of a vector, and of a message, are a buffer that tests give", () => {
  const text = `rule { rule_name = one syscall_name = writev, sendmsg, sendmmsg
      filter_expression { PARAMS[2].data contains "key" } action { type = LOG log_format {x} } }
    rule { rule_name = other syscall_name = @network filter_expression { PARAMS[2].data == "b" }
      action { type = LOG } }
    test "a" { call writev(1) as { PARAMS[2].data = "a key" } expect LOG by one }
    test "b" { call sendmsg(1) as { PARAMS[2].data = "b", PARAMS[2].addr = 10.0.0.1 } expect LOG by other }
    test "c" { call sendmsg(1) as { PARAMS[2].data = "keys", ABI = "i386" } expect LOG by one }
    test "d" { call pwritev(1) as { PARAMS[2].data = "no" } expect nothing }`;
  const { ruleSet, diagnostics } = parseRules([{ name: "-e", text }], vocabulary);
  assert.ok(ruleSet, diagnostics[0]?.message);
  for (const { test: one, failures } of runTests(ruleSet, vocabulary, () => ""))
    assert.deepEqual(failures, [], one.title);
  const wrong =
    'rule { syscall_name = connect filter_expression { PARAMS[2].data == "b" } action { type = LOG } }';
  assert.equal(
    parseRules([{ name: "-e", text: wrong }], vocabulary).diagnostics[0]?.code,
    "unknown_field",
  );
});

test("members are there for the commands that have them, in tests of rules too", () => {
  const text = `rule { rule_name = locks syscall_name = fcntl
      filter_expression { PARAMS[3].l_type == F_WRLCK && PARAMS[3].l_len > 0 }
      action { type = LOG log_format {%param3.l_start %param3.value} } }
    rule { rule_name = others syscall_name = setsockopt filter_expression { !(PARAMS[4].l_onoff == 1) }
      action { type = LOG log_format {%param4.value} } }
    test "a" { call fcntl(3, F_SETLK) as { PARAMS[3].l_type = F_WRLCK, PARAMS[3].l_len = 9, PARAMS[3].l_start = 4 }
      expect LOG by locks }
    test "b" { call fcntl(3, F_SETLK) as { PARAMS[3].l_type = F_RDLCK, PARAMS[3].l_len = 9 } expect nothing }
    test "c" { call fcntl(3, F_SETFL, 1) expect nothing }
    test "d" { call setsockopt(3, SOL_SOCKET, SO_KEEPALIVE) as { PARAMS[4].value = 7 } expect LOG by others }
    test "e" { call setsockopt(3, SOL_SOCKET, SO_LINGER) as { PARAMS[4].l_onoff = 1 } expect nothing }
    test "f" { call fcntl(3, 13) as { PARAMS[3].l_type = F_WRLCK, PARAMS[3].l_len = 0x100000000, ABI = "i386" }
      expect LOG by locks }`;
  const { ruleSet, diagnostics } = parseRules([{ name: "-e", text }], vocabulary);
  assert.ok(ruleSet, JSON.stringify(diagnostics));
  const results = runTests(ruleSet, vocabulary, () => "");
  assert.deepEqual(
    results.map(({ test: { title }, failures }) => [title, failures]),
    ["a", "b", "c", "d", "e", "f"].map((title) => [title, []]),
  );
});

test("a member that no command has is an error, which names those that are close", () => {
  const [first] = diagnosticsOf("PARAMS[3].l_typ == 1", "fcntl");
  assert.equal(first?.code, "unknown_field");
  assert.match(first?.hint ?? "", /`l_type`/);
  assert.equal(diagnosticsOf("PARAMS[1].l_type == 1", "fcntl")[0]?.code, "not_a_struct");
});

test("lines and keys of counts have the strings that all calls which pass the filter have", () => {
  const checked = (filter: string, when = "before") => {
    const text = `define NAMED { PARAMS[1] == PR_SET_NAME }
      rule { syscall_name = prctl filter_expression { ${filter} } when = ${when}
        action { type = LOG } action { type = COUNT by PARAMS[2] } }`;
    const { ruleSet, diagnostics } = parseRules([{ name: "-e", text }], vocabulary);
    const [rule] = ruleSet?.rules ?? [];
    assert.ok(rule, diagnostics[0]?.message);
    const [target] = rule.targets;
    const kinds = target?.presentations.map(({ params }) => params[1]?.type.kind);
    return { kinds: [...new Set(kinds)], key: target?.counted?.by[0]?.is, rule };
  };
  for (const filter of [
    "PARAMS[1] == PR_SET_NAME",
    'UID == 0 && NAMED && PARAMS[2] != "x"',
    "NAMED && (UID == 0 || UID == 1)",
  ]) {
    const { kinds, key } = checked(filter);
    assert.deepEqual({ kinds, key }, { kinds: ["string"], key: "text" }, filter);
  }
  for (const filter of ["PARAMS[1] == PR_SET_NAME || UID == 0", "!NAMED", "UID == 0"]) {
    const { kinds, key } = checked(filter);
    assert.deepEqual({ kinds, key }, { kinds: ["int"], key: "int" }, filter);
  }
  assert.equal(
    checked("NAMED").rule.targets[0]?.presentations[0],
    checked("NAMED && UID == 5").rule.targets[0]?.presentations[0],
    "rules share what calls are seen as",
  );
});
