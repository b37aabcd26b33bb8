import assert from "node:assert/strict";
import { test } from "node:test";
import { type CheckedRule, parseRules } from "../../language/index.ts";
import { vocabulary } from "../../linux/index.ts";
import { foundElsewhere } from "./elsewhere.ts";

function checked(rule: string): CheckedRule | undefined {
  return parseRules([{ name: "-e", text: rule }], vocabulary).ruleSet?.rules[0];
}

function found(rule: string): readonly string[] {
  const first = checked(rule);
  assert.ok(first, rule);
  return foundElsewhere(first).map(({ what, how }) => `${what}: ${how}`);
}

const fail = (calls: string, filter: string, more = ""): string =>
  `rule { syscall_name = ${calls} ${more} filter_expression { ${filter} } action { type = FAIL error_code = EPERM } }`;

test("foundElsewhere() says how each parameter is found that a variant has in another form", () => {
  assert.deepEqual(found(fail("kill", "PARAMS[1] == 7 && PARAMS[2] == 9")), [
    "PARAMS[1] of pidfd_send_signal: the process that the pidfd stands for; if it has none any more, on_unreadable = match decides",
  ]);
  assert.deepEqual(found(fail("open", 'PATH == "/x" && PARAMS[2] & O_CREAT && PARAMS[3] == 6')), [
    "PARAMS[2] of openat2: read from memory of the caller when the call begins",
    "PARAMS[3] of openat2: read from memory of the caller when the call begins",
    "PARAMS[2] of creat: always 577",
    "PATH of open_by_handle_at: the opened file; under sct run where sct may open handles, else on_unreadable = match decides",
    "PARAMS[3] of open_by_handle_at: always 0",
  ]);
  assert.deepEqual(found(fail("init_module", "PARAMS[2] > 5", "on_unreadable = skip")), [
    "PARAMS[2] of finit_module: not known: on_unreadable = skip decides",
  ]);
  assert.deepEqual(found(fail("poll", "PARAMS[3] == 7")), [
    "PARAMS[3] of ppoll: the time in the struct that it points to, in milliseconds",
    "PARAMS[3] of ppoll_time64: the time in the struct that it points to, in milliseconds",
  ]);
  assert.deepEqual(found(fail("write", 'PARAMS[2] contains "x" && PARAMS[3] > 1')).slice(0, 2), [
    "PARAMS[2] of writev: all pieces of the vector as one text",
    "PARAMS[3] of writev: the length of all pieces of the vector",
  ]);
  assert.deepEqual(found(fail("unlink", 'PATH == "/x"')), []);
});

/** One of them fits the type of the parameter; none: no filter can look at it. */
const CONDITIONS = ["== 1", '== "x"', 'contains "x"'];

test("foundElsewhere() leaves no variant's missing parameter without a word", () => {
  const seen = new Set<string>();
  for (const name of vocabulary.callNames) {
    const presentations = vocabulary.presentations(name, "variants") ?? [];
    for (const { params } of presentations)
      for (const [i, { source }] of params.entries()) {
        if (source.kind !== "unknown" || seen.has(`${name} ${i + 1}`)) continue;
        const rules = CONDITIONS.map((text) => fail(name, `PARAMS[${i + 1}] ${text}`));
        const rule = rules.find((text) => checked(text) !== undefined);
        if (rule === undefined) continue;
        seen.add(`${name} ${i + 1}`);
        const lines = found(rule);
        assert.ok(
          lines.some((line) => /on_unreadable = match decides/.test(line)),
          rule,
        );
      }
  }
  assert.ok(
    seen.has("open 1") && seen.has("init_module 2") && seen.has("kexec_load 1"),
    [...seen].join(),
  );
});
