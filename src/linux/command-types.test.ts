import assert from "node:assert/strict";
import { test } from "node:test";
import type { StructField } from "../language/vocabulary.ts";
import { listRows } from "./call/rows.ts";
import { casesOf, findMember, listMembers } from "./command-types.ts";
import { findPrototype } from "./presentations.ts";
import { vocabulary } from "./vocabulary.ts";

const calls = listRows().flatMap(([call, { typesBy }]) => (typesBy === undefined ? [] : [call]));

/** Parameters with members by command. */
const structs = calls.flatMap((call) => {
  const positions = new Set(casesOf(call).flatMap(({ types }) => [...types.keys()]));
  return (findPrototype(call)?.params ?? []).flatMap(({ type }, i) =>
    positions.has(i + 1) && type.struct !== undefined ? [type.struct] : [],
  );
});

function* waysOf(field: StructField | undefined): Iterable<StructField> {
  for (let at = field; at !== undefined; at = at.otherwise) yield at;
}

test("rows name parameters, constants and structs that there are", () => {
  assert.ok(calls.length >= 18, `${calls.length} calls`);
  assert.ok(structs.length >= 18, `${structs.length} structs`);
  for (const call of calls)
    for (const { when, types } of casesOf(call)) {
      for (const { param, values } of when) {
        assert.ok(param > 0, call);
        assert.equal(new Set(values).size, values.length, `${call}: ${values}`);
      }
      for (const position of types.keys()) assert.ok(position > 0, call);
    }
  for (const struct of structs) assert.ok(listMembers(struct).length > 0, struct);
});

test("no two rows of a call are for one command", () => {
  for (const call of calls) {
    const seen = casesOf(call).flatMap(({ when: [first, second] }) =>
      (first?.values ?? []).flatMap((one) =>
        second === undefined ? [`${one}`] : second.values.map((other) => `${one} ${other}`),
      ),
    );
    assert.deepEqual([...new Set(seen)], seen, call);
  }
});

test("a member is of one kind and meaning in all structs that have it, on every ABI", () => {
  for (const struct of structs)
    for (const name of listMembers(struct)) {
      const [first] = waysOf(findMember(struct, name, "x86_64"));
      for (const abi of ["x86_64", "i386"] as const) {
        const ways = [...waysOf(findMember(struct, name, abi))];
        assert.ok(ways.length > 0, `${struct}.${name} on ${abi}`);
        for (const { type, only } of ways) {
          assert.equal(type.kind, first?.type.kind, `${struct}.${name}`);
          assert.equal(type.semantic, first?.type.semantic, `${struct}.${name}`);
          // that of one ABI may be narrower, and unsigned for that
          assert.equal(type.signed, ways[0]?.type.signed, `${struct}.${name}`);
          assert.ok(only !== undefined && only.length > 0, `${struct}.${name}`);
        }
        // what is shown of any fits into the first
        const sizes = ways.map(({ type }) => type.size);
        assert.equal(sizes[0], Math.max(...sizes), `${struct}.${name}`);
      }
    }
});

test("the command stands at the same place in all presentations of a call", () => {
  for (const call of calls)
    for (const { params } of vocabulary.presentations(call, "variants") ?? [])
      for (const { type } of params) {
        const [named = ""] = type.struct?.split(".") ?? [];
        for (const { when } of casesOf(named))
          for (const { param } of when)
            assert.equal(findPrototype(named)?.params[param - 1]?.name, params[param - 1]?.name);
      }
});

test("findMember() has commands and places of a member", () => {
  const type = findMember("fcntl.arg", "l_type", "x86_64");
  assert.equal(type?.offset, 0);
  assert.deepEqual(type?.only?.[0]?.values, [5n, 6n, 7n, 36n, 37n, 38n, 12n, 13n, 14n]);
  assert.equal(type?.otherwise, undefined);
  const start = [...waysOf(findMember("fcntl.arg", "l_start", "i386"))];
  assert.deepEqual(
    start.map((one) => [one.offset, one.type.size, one.only?.[0]?.values]),
    [
      [4, 8, [36n, 37n, 38n, 12n, 13n, 14n]],
      [4, 4, [5n, 6n, 7n]],
    ],
  );
  assert.equal(findMember("fcntl.arg", "l_typ", "x86_64"), undefined);
});

test("findMember() takes structs of the prototype", () => {
  assert.equal(findMember("futex.utime", "tv_nsec", "x86_64")?.offset, 8);
  assert.equal(findMember("futex.utime", "tv_nsec", "i386")?.offset, 4);
  assert.equal(findMember("futex_time64.utime", "tv_nsec", "i386")?.offset, 8);
});
