/** Comparisons that what is known of a call makes false: members by command, types of descriptors. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { parseRules } from "../language/index.ts";
import { vocabulary } from "./index.ts";

function warnings(call: string, filter: string): readonly (readonly [string, string?])[] {
  const text = `rule { syscall_name = ${call} filter_expression { ${filter} } action { type = LOG } }`;
  const { diagnostics } = parseRules([{ name: "t", text }], vocabulary);
  return diagnostics.map(({ message, hint }) => (hint === undefined ? [message] : [message, hint]));
}

const NO_LOCK =
  "The comparison is never true: with the command of this filter, PARAMS[3] has no `l_type`";

for (const filter of [
  "PARAMS[2] == F_GETFL && PARAMS[3].l_type == F_WRLCK",
  "UID == 0 && PARAMS[3].l_type == F_WRLCK && PARAMS[2] == F_DUPFD",
  "PARAMS[2] in (F_GETFL, F_SETFL) && PARAMS[3].l_type in (F_WRLCK, F_RDLCK)",
])
  test(`a member that the command does not have is warned of: ${filter}`, () => {
    assert.deepEqual(warnings("fcntl", filter), [[NO_LOCK]]);
  });

for (const filter of [
  "PARAMS[3].l_type == F_WRLCK",
  "PARAMS[2] == F_SETLK && PARAMS[3].l_type == F_WRLCK",
  "PARAMS[2] in (F_GETFL, F_SETLK) && PARAMS[3].l_type == F_WRLCK",
  "PARAMS[2] == F_GETFL || PARAMS[3].l_type == F_WRLCK",
  "PARAMS[2] != F_GETFL && PARAMS[3].l_type == F_WRLCK",
])
  test(`a member that the command can have is none to warn of: ${filter}`, () => {
    assert.deepEqual(warnings("fcntl", filter), []);
  });

test("a type of descriptors that resembles one of ours is warned of, a strange one is not", () => {
  for (const filter of ['FD[1].type == "soket"', 'FD[1].type in ("file", "soket")'])
    assert.deepEqual(warnings("write", filter), [
      [
        "The comparison is never true: no type of file is called `soket`",
        'did you mean `"socket"`?',
      ],
    ]);
  for (const type of ["socket", "io_uring", "fanotify", "userfaultfd", "bpf-map", "kvm-vm"])
    assert.deepEqual(warnings("write", `FD[1].type == "${type}"`), []);
});

test("a name of which half of the letters differ is no hint", () => {
  const [[, hint] = []] = warnings("connect", "FD[1].date == 1");
  assert.equal(hint, undefined);
  assert.deepEqual(warnings("write", "FD[1].tpye == 1")[0]?.[1], "did you mean `type`?");
});
