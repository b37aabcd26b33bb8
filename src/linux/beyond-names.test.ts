import assert from "node:assert/strict";
import { test } from "node:test";
import { formatDiagnosticLine } from "../base/print-diagnostic.ts";
import { parseRules } from "../language/index.ts";
import { vocabulary } from "./vocabulary.ts";

const DENY = "type = FAIL error_code = EPERM";
const rule = (calls: string, action = DENY, more = ""): string =>
  `rule { syscall_name = ${calls} ${more} action { ${action} } }`;

const FAST_OPEN =
  "other_way: What `connect` does can also be done by `sendto`, `sendmsg`, `sendmmsg` with MSG_FASTOPEN";
const COPIES =
  "other_way: What `write` does can also be done by `sendfile`, `copy_file_range`, `splice`, `vmsplice`, `tee`, `mmap`";
const VDSO = "without_kernel: Programs make most `time` calls without entering the kernel:";

const rows: readonly (readonly [text: string, ...expected: string[]])[] = [
  [rule("connect"), FAST_OPEN],
  [rule("connect", "type = KILL"), FAST_OPEN],
  [rule("connect", "type = SUSPEND"), FAST_OPEN],
  [rule("connect", "type = LOG")],
  [
    rule("connect, sendto, sendmsg, sendmmsg, write", DENY)
      .replace(", write", "")
      .concat(rule("write, sendfile, copy_file_range, splice, vmsplice, tee, mmap")),
  ],
  [rule("connect, sendto, sendmsg"), "`connect` does can also be done by `sendmmsg` with"],
  [rule("@network")],
  [rule("write"), COPIES],
  [rule("write, splice, mmap"), "by `sendfile`, `copy_file_range`, `vmsplice`, `tee` ["],
  // one warning for a rule
  [rule("connect, write"), FAST_OPEN],
  [rule("time", "type = LOG"), VDSO],
  [rule("time"), VDSO],
  [rule("time, getrandom", "type = LOG", "when = after"), VDSO],
  [rule("getrandom", "type = LOG"), "(since Linux 6.11 and glibc 2.41)"],
  [rule("@network", "type = LOG")],
];

for (const [text, ...expected] of rows) {
  test(`warnings beyond the names: ${text}`, () => {
    const { diagnostics } = parseRules([{ name: "t", text }], vocabulary);
    const lines = diagnostics.map((one) => `${formatDiagnosticLine(one)} [`);
    assert.equal(lines.length, expected.length, lines.join("\n"));
    for (const [i, part] of expected.entries())
      assert.ok(lines[i]?.includes(part), `wanted: ${part}\n${lines.join("\n")}`);
  });
}
