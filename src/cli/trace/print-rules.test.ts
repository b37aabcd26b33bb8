import assert from "node:assert/strict";
import { test } from "node:test";
import { parseRules } from "../../language/index.ts";
import { vocabulary } from "../../linux/index.ts";
import { readInjection } from "./injection.ts";
import { rulesText } from "./print-rules.ts";

/** Name, calls and occurrence of each rule, and the comments. */
function printed(...injections: readonly string[]): readonly string[] {
  const text = rulesText(injections.map(readInjection), true);
  const { diagnostics } = parseRules([{ name: "t", text }], vocabulary);
  assert.deepEqual(
    diagnostics.filter(({ severity, code }) => severity === "error" && code !== "empty_file"),
    [],
    text,
  );
  const rules = text.matchAll(
    /rule_name = "(.*)"\n {2}syscall_name = (.*)\n {2}syscall_match = exact\n(?: {2}occurrence = (.*) per tid\n)? {2}action \{ type = FAIL error_code = (\w+) \}/g,
  );
  const comments = text.split("\n").filter((line) => line.startsWith("#"));
  const lines = [...rules].map(([, ...parts]) => parts.map((part) => part ?? "always").join(": "));
  return [...lines, ...comments];
}

test("rulesText() means the calls of the set, and those alone", () => {
  assert.deepEqual(printed("read:error=EIO"), ["inject 1: read: always: EIO"]);
  assert.deepEqual(printed("/^sync:error=7"), [
    "inject 1: sync, sync_file_range, syncfs: always: E2BIG",
  ]);
  assert.match(printed("%file:error=EIO").join(), /: access, .*openat.*: always: EIO/);
});

test("rulesText() has the occurrences that a rule can have, and a comment for others", () => {
  for (const [when, occurrence] of Object.entries({
    "2": "2",
    "2+": "2+",
    "2+3": "2+3",
    "2..4": "2..4",
    "3..3+5": "3",
    "1+": "always",
  }))
    assert.deepEqual(printed(`read:error=EIO:when=${when}`), [
      `inject 1: read: ${occurrence}: EIO`,
    ]);
  assert.deepEqual(printed("read:error=EIO:when=2..9+3"), [
    "# inject=read: a rule has no steps within a range, as when=2..9+3 has",
  ]);
});

test("rulesText() counts each call for itself, as strace does", () => {
  assert.deepEqual(printed("read,write:error=EIO:when=3"), [
    "inject 1 read: read: 3: EIO",
    "inject 1 write: write: 3: EIO",
  ]);
});

test("rulesText() lets the last injection of a call count", () => {
  assert.deepEqual(printed("read,write:error=EIO", "read:error=EINTR:when=2"), [
    "inject 1: write: always: EIO",
    "inject 2: read: 2: EINTR",
  ]);
  assert.deepEqual(printed("read:error=EIO", "read:error=EINTR"), [
    "inject 2: read: always: EINTR",
    "# inject=read: a later one has all of its calls",
  ]);
});

test("rulesText() refuses by name what no rule does", () => {
  for (const rest of ["retval=1", "signal=SIGINT", "delay_enter=5", "poke_exit=@arg1=00"])
    assert.match(printed(`read:${rest}`).join(), /^# inject=read: a rule /);
  assert.match(printed("read@64:error=EIO").join(), /^# inject=read@64: a rule names calls of all/);
});
