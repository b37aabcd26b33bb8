import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { buildDfa, DfaTooLargeError, dfaAccepts } from "./dfa.ts";
import {
  ANY_BYTE,
  containing,
  endingWith,
  literal,
  literalIgnoringCase,
  sortingBefore,
  startingWith,
} from "./pattern.ts";

const small = fc.array(fc.constantFrom(97, 98, 47), { maxLength: 8 }).map((a) => Buffer.from(a));

test("buildDfa() of containing, startingWith, endingWith agrees with Buffer", () => {
  fc.assert(
    fc.property(small, small, (text, part) => {
      assert.equal(dfaAccepts(buildDfa(containing(literal(part))), text), text.includes(part));
      assert.equal(
        dfaAccepts(buildDfa(startingWith(literal(part))), text),
        text.subarray(0, part.length).equals(part),
      );
      assert.equal(
        dfaAccepts(buildDfa(endingWith(literal(part))), text),
        text.length >= part.length && text.subarray(text.length - part.length).equals(part),
      );
    }),
    { numRuns: 500 },
  );
});

test("buildDfa() of sortingBefore agrees with Buffer.compare, also complemented", () => {
  const bytes = fc.uint8Array({ maxLength: 5 }).map((a) => Buffer.from(a));
  fc.assert(
    fc.property(bytes, bytes, (text, bound) => {
      const order = Buffer.compare(text, bound);
      assert.equal(dfaAccepts(buildDfa(sortingBefore(bound, false)), text), order < 0);
      assert.equal(dfaAccepts(buildDfa(sortingBefore(bound, true)), text), order <= 0);
      assert.equal(
        dfaAccepts(buildDfa(sortingBefore(bound, true), { complement: true }), text),
        order > 0,
      );
    }),
    { numRuns: 500 },
  );
});

test("buildDfa() ignores ASCII case where asked", () => {
  const dfa = buildDfa(containing(literalIgnoringCase(Buffer.from("PassWd"))));
  assert.ok(dfaAccepts(dfa, Buffer.from("/etc/pASSwD-")));
  assert.ok(!dfaAccepts(dfa, Buffer.from("/etc/pass_wd")));
});

test("buildDfa() takes a 4096-byte literal and refuses what explodes", () => {
  const long = Buffer.alloc(4096, "abc/");
  assert.ok(dfaAccepts(buildDfa(literal(long)), long));
  // "a" at the n-th place from the end needs 2^n states
  const items = [containing(literal(Buffer.from("a"))), ...Array(16).fill(ANY_BYTE)];
  const fromEnd = {
    kind: "sequence" as const,
    items: [
      { kind: "star" as const, item: ANY_BYTE },
      literal(Buffer.from("a")),
      ...items.slice(1),
    ],
  };
  assert.throws(() => buildDfa(fromEnd), /more than 8192 states/);
  assert.throws(() => buildDfa(fromEnd, { maxSteps: 10_000 }), /more than 10000 steps/);
  assert.throws(() => buildDfa(fromEnd, { maxStates: 100 }), DfaTooLargeError);
});
