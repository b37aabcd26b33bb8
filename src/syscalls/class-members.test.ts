import assert from "node:assert/strict";
import { test } from "node:test";
import { findCall } from "./calls.ts";
import { classMembers, listClassNames } from "./class-members.ts";
import { aliases } from "./twins.ts";

test("classMembers() are calls, each once, and no forms of others", () => {
  for (const name of listClassNames()) {
    const members = classMembers(name) ?? [];
    assert.ok(members.length > 0, name);
    assert.equal(new Set(members).size, members.length, name);
    for (const member of members) {
      assert.ok(findCall(member, "x86_64") ?? findCall(member, "i386"), `${name}: ${member}`);
      assert.ok(!Object.hasOwn(aliases, member), `${name}: ${member}`);
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
