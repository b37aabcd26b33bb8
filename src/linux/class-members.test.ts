import assert from "node:assert/strict";
import { test } from "node:test";
import { evaluateRules, parseRules } from "../language/index.ts";
import { rowOf } from "./call/rows.ts";
import { findCall } from "./calls.ts";
import { classMembers, listClassNames } from "./class-members.ts";
import { vocabulary } from "./vocabulary.ts";

test("classMembers() are calls, each once, and no forms of others", () => {
  for (const name of listClassNames()) {
    const members = classMembers(name) ?? [];
    assert.ok(members.length > 0, name);
    assert.equal(new Set(members).size, members.length, name);
    for (const member of members) {
      assert.ok(findCall(member, "x86_64") ?? findCall(member, "i386"), `${name}: ${member}`);
      assert.equal(rowOf(member).aliasOf, undefined, `${name}: ${member}`);
    }
  }
});

test("classMembers() has the classes of the language", () => {
  for (const name of ["@file", "@delete", "@exec", "@network", "@process", "@all"]) {
    assert.ok(listClassNames().includes(name), name);
  }
  assert.equal(classMembers("@nothing"), undefined);
  assert.deepEqual(classMembers("@delete"), ["unlink", "rmdir"]);
});

test("classMembers() of @all leave out what others cover whatever its parameters are", () => {
  const all = new Set(classMembers("@all"));
  for (const name of ["open", "unlink", "unlinkat", "socketcall", "getuid"])
    assert.ok(all.has(name), name);
  for (const name of ["openat", "renameat2", "getuid32", "creat"]) assert.ok(!all.has(name), name);
});

function targetsOf(rule: string) {
  const text = `rule { ${rule} action { type = LOG } }`;
  const { ruleSet, diagnostics } = parseRules([{ name: "-e", text }], vocabulary);
  const [first] = ruleSet?.rules ?? [];
  assert.ok(first, rule);
  const names = first.targets.map(({ name }) => name);
  return {
    rule: first,
    names,
    leftOut: first.leftOut ?? [],
    codes: diagnostics.map((d) => d.code),
  };
}

test("a class with syscall_match = exact means the calls that are really made", () => {
  const { rule, names } = targetsOf("syscall_name = @file syscall_match = exact");
  // cat of today makes none of open, access, stat
  for (const call of [
    "open",
    "openat",
    "openat2",
    "newfstatat",
    "statx",
    "faccessat2",
    "execve",
    "unlinkat",
  ])
    assert.ok(names.includes(call), call);
  assert.equal(new Set(names).size, names.length);
  for (const { name, presentations } of rule.targets)
    for (const { as, call } of presentations) assert.deepEqual([as, call], [name, name]);
});

test("a class with syscall_match = exact covers a call only as far as its names do", () => {
  const flags = (call: string, rule: string): boolean[] =>
    [0n, 0x200n, 0x10000n].map((flag) => {
      const { rule: checked } = targetsOf(rule);
      const nr = findCall(call, "x86_64")?.nr ?? -1;
      const args = call === "unlinkat" ? [0n, 0n, flag] : [flag];
      const real = {
        name: call,
        abi: "x86_64" as const,
        when: "before" as const,
        view: (presentation: (typeof checked.targets)[number]["presentations"][number]) => ({
          presentation,
          wordSize: vocabulary.wordSize(presentation.abi),
          arg: (i: number) => args[i] ?? 0n,
          readMemory: () => undefined,
          readString: () => undefined,
          intVariable: () => BigInt(nr),
          stringVariable: () => undefined,
          path: () => undefined,
          argv: () => undefined,
          envp: () => undefined,
          descendsFrom: () => undefined,
        }),
      };
      return evaluateRules([checked], real, vocabulary).length > 0;
    });
  assert.deepEqual(flags("unlinkat", "syscall_name = @delete syscall_match = exact"), [
    true,
    true,
    true,
  ]);
  // CLONE_THREAD makes a thread, not a process
  assert.deepEqual(flags("clone", "syscall_name = @process syscall_match = exact"), [
    true,
    true,
    false,
  ]);
});

test("a class means those of its calls that have what the filter looks at, and says which it leaves out", () => {
  const port = targetsOf("syscall_name = @network filter_expression { PARAMS[2].sin_port == 22 }");
  assert.deepEqual(port.names.includes("connect") && port.names.includes("bind"), true);
  for (const call of ["socket", "listen", "sendmsg"]) assert.ok(port.leftOut.includes(call), call);
  // the negation is not true of all others
  const other = targetsOf('syscall_name = @file filter_expression { !(PATH startswith "/usr/") }');
  assert.deepEqual(other.leftOut, ["getcwd"]);
  // what else the filter says is enough
  const either = targetsOf('syscall_name = @file filter_expression { PATH == "/x" || UID == 0 }');
  assert.deepEqual(either.leftOut, []);
  const both = targetsOf('syscall_name = @file filter_expression { UID == 0 && !(PATH == "/x") }');
  assert.deepEqual(both.leftOut, ["getcwd"]);
  const none = targetsOf("syscall_name = @creds filter_expression { PARAMS[6] == 1 }");
  assert.deepEqual([none.leftOut, none.codes], [[], ["never_matches"]]);
});
