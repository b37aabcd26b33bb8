import assert from "node:assert/strict";
import { test } from "node:test";
import { parseRules } from "../../language/index.ts";
import { fileHooksOf, getsFile, vocabulary } from "../../linux/index.ts";
import type { KernelFacts } from "../facts.ts";
import { type Machine, tracepointsOnly } from "../machine.ts";
import { leaveOutUnknown, unsupportedBy } from "./support.ts";

/** Calls whose file no security hook receives. */
const UNSEEN =
  `file_getattr file_setattr fspick mount_setattr name_to_handle_at open_tree open_tree_attr quotactl uselib`.split(
    " ",
  );

/** Calls that are given the name of a file. */
function namingCalls(): string[] {
  return vocabulary.callNames.filter((name) =>
    vocabulary
      .presentations(name, "exact")?.[0]
      ?.params.some(({ type, address }) => type.kind === "path" || address !== undefined),
  );
}

test("fileHooksOf() knows the file of every call that names one, but for those that warnings know of", () => {
  const blind = namingCalls().filter((call) => !fileHooksOf(call).some(getsFile));
  assert.deepEqual(blind.sort(), UNSEEN);
  for (const call of namingCalls())
    assert.equal(vocabulary.knowledge(call).isFileUnseen, UNSEEN.includes(call), call);
});

function warnings(rule: string): string[] {
  const text = `rule { ${rule} action { type = FAIL error_code = EPERM } }`;
  const { diagnostics } = parseRules([{ name: "-e", text }], vocabulary);
  return diagnostics.map(({ code, message, hint }) => `${code}: ${message}; ${hint}`);
}

test("warnings of raw text recommend nothing that is refused", () => {
  const raw = (call: string, n = 1): string[] =>
    warnings(`syscall_name = ${call} filter_expression { PARAMS[${n}] == "/x" }`);
  for (const call of ["setxattr", "utime", "access", "statfs", "umount2"])
    assert.match(raw(call)[0] ?? "", /^raw_path: .*; PATH\[1\] is the file itself, however/, call);
  assert.match(
    raw("open_tree", 2)[0] ?? "",
    /; under `sct run`, PATH\[2\] is the file itself.*system-wide, no security hook.*: a rule there has to deny the call by its caller/,
  );
});

test("the text of a socket's address is warned of, with its file", () => {
  assert.match(
    warnings(
      'syscall_name = bind filter_expression { PARAMS[2].sun_path startswith "/run/" }',
    )[0] ?? "",
    /^raw_path: FAIL is decided by the text of PARAMS\[2\]\.sun_path, not by the file it names; PATH\[2\] is the file of the socket itself, or "@name"/,
  );
  assert.deepEqual(
    warnings(
      'syscall_name = bind filter_expression { PATH[2] == "/run/x" && PARAMS[2].sun_path != "" }',
    ).filter((line) => !line.startsWith("left_open")),
    [],
  );
});

test("a rule on the file of a connection warns of sending without one", () => {
  const by = (calls: string): string[] =>
    warnings(`syscall_name = ${calls} filter_expression { PATH == "/run/x" }`);
  assert.match(
    by("connect")[0] ?? "",
    /^other_way: .* by `sendto`, `sendmsg`, `sendmmsg` with an address, on a datagram socket; `syscall_name = connect, sendto, sendmsg, sendmmsg` with the same PATH/,
  );
  assert.deepEqual(
    by("connect, sendto, sendmsg, sendmmsg").filter((line) => /connect/.test(line)),
    [],
  );
});

test("leaveOutUnknown() leaves out members of a class whose file no program receives, and says so", () => {
  const text = `rule { rule_name = etc syscall_name = @file
    filter_expression { PATH startswith "/etc/" } action { type = LOG } }`;
  const rules = parseRules([{ name: "-e", text }], vocabulary).ruleSet?.rules ?? [];
  const bare = tracepointsOnly({ unix: {} } as KernelFacts);
  const withHooks: Machine = {
    ...bare,
    hookKind: "lsm",
    hasHook: () => true,
    hookArgument: () => 0,
    lookup: { name: "filename_lookup", path: 3, result: 5 },
  };
  const known = leaveOutUnknown(rules, withHooks);
  assert.deepEqual(known.leftOut[0]?.calls.toSorted(), UNSEEN);
  assert.deepEqual(unsupportedBy(known.rules, withHooks), []);
  // a call that is named by itself is refused
  const named = parseRules(
    [{ name: "-e", text: text.replace("@file", "@file, open_tree") }],
    vocabulary,
  ).ruleSet?.rules;
  assert.match(
    unsupportedBy(leaveOutUnknown(named ?? [], withHooks).rules, withHooks)
      .map(({ message }) => message)
      .join(),
    /^PATH of open_tree cannot be decided/,
  );
  // the text of a parameter is nothing to deny by
  const hints = (action: string): string[] => {
    const rule = `rule { syscall_name = fspick filter_expression { PATH == "/x" } action { type = ${action} } }`;
    const { ruleSet } = parseRules([{ name: "-e", text: rule }], vocabulary);
    return unsupportedBy(ruleSet?.rules ?? [], withHooks).map(({ hint = "" }) => hint);
  };
  assert.match(hints("FAIL error_code = EPERM").join(), /^`sct run` can.* by its caller/);
  assert.doesNotMatch(hints("FAIL error_code = EPERM").join(), /PARAMS/);
  assert.match(hints("LOG").join(), /PARAMS\[n\] is the text/);
  // one line where nothing can be decided
  const refused = unsupportedBy(leaveOutUnknown(rules, bare).rules, bare);
  assert.deepEqual(refused.length, 1);
});
