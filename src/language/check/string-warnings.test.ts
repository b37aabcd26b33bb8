/** Which constants are said to be no resolved path. */
import { test } from "node:test";
import { expectDiagnostics, ruleOf } from "../testing/expect.ts";

const ABSOLUTE = "never true: a resolved path begins with";

for (const [filter, ...expected] of [
  ['PATH == "passwd"', ABSOLUTE],
  ['EXE == "bin/sh"', ABSOLUTE],
  ['CWD startswith "etc/"', ABSOLUTE],
  ['PATH in ("/etc/passwd", "shadow")', ABSOLUTE],
  ['PATH matches "etc/*"', ABSOLUTE],
  ['PATH == "/proc/self/mem"', "has the number of a process"],
  ['PATH startswith "/proc/self/"', "has the number of a process"],
  ['PATH == "/etc//passwd" || PATH == "/bin/../etc/x" || PATH == "/etc/"'],
  ['EXE == "memfd:x" || PATH startswith "/proc/1/"'],
  ['PATH matches "**/passwd" || PATH matches "*/x" || PATH endswith "passwd"'],
  ['PATH contains "x" && PATH == "@abstract"'],
] as const)
  test(`warnString(): ${filter}`, () => expectDiagnostics(ruleOf(filter), ...expected));
