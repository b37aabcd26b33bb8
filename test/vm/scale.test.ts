/** Many rules that act, which differ in constants alone: the first that matches decides, before the call has any effect. */
import assert from "node:assert/strict";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { assertNoObjects } from "../kernel/bpf-objects.ts";
import { run, watch, workplace } from "../kernel/watching.ts";
import { needsGuest, place } from "./guest.ts";

after(assertNoObjects);

const COUNT = 900;
const ERRNOS = [5, 13] as const;

test("900 rules that deny: each its own files, the first of two its error", async (t) => {
  if (!needsGuest(t)) return;
  const directory = place();
  const path = (n: number): string => join(directory, `f${n}`);
  const filters = [
    (n: number) => `PARAMS[1] == "${path(n)}"`,
    (n: number) => `PARAMS[1] startswith "${path(n)}."`,
    (n: number) => `PARAMS[1] matches "${directory}/*-${n}" && UID in (0, ${n})`,
  ];
  const rules = Array.from(
    { length: COUNT },
    (
      _,
      n,
    ) => `rule { rule_name = r${n} syscall_name = unlink filter_expression { ${filters[n % 3]?.(n)} }
      action { type = FAIL error_code = ${ERRNOS[n % 2]} } }`,
  );
  rules.push(`rule { rule_name = last syscall_name = unlink
    filter_expression { PARAMS[1] startswith "${directory}/" && PARAMS[1] endswith "0" } action { type = FAIL error_code = EPERM } }`);
  const cases: readonly (readonly [name: string, errno: number, rule: string | undefined])[] = [
    ["f0", 5, "r0"],
    ["f897", 13, "r897"],
    ["f4.txt", 5, "r4"],
    ["x-2", 5, "r2"],
    ["x-899", 13, "r899"],
    ["f1", 0, undefined],
    ["f10", 1, "last"],
    ["x-900", 1, "last"],
  ];
  for (const [name] of cases) writeFileSync(join(directory, name), "");
  const { events } = await watch(`# sct: allow raw_path\n${rules.join("\n")}`, async () => {
    for (const [name, errno] of cases) {
      const file = join(directory, name);
      const { code } = await run([workplace().calls64, "native", "87", `@${file}`], { uid: 0 });
      assert.equal(code, errno, name);
      assert.equal(existsSync(file), errno !== 0, name);
    }
  });
  assert.deepEqual(
    events.map(({ rule }) => rule),
    cases.flatMap(([, , rule]) => rule ?? []),
  );
});

test("900 rules on files of calls: by beginning and glob, also under another name of the file", async (t) => {
  if (!needsGuest(t)) return;
  const directory = place();
  const filters = [
    (n: number) => `PATH startswith "${directory}/d${n}."`,
    (n: number) => `PATH matches "${directory}/*-${n}" && UID in (0, ${n})`,
  ];
  const rules = Array.from(
    { length: COUNT },
    (
      _,
      n,
    ) => `rule { rule_name = r${n} syscall_name = unlink filter_expression { ${filters[n % 2]?.(n)} }
      action { type = LOG } action { type = FAIL error_code = ${ERRNOS[n % 2]} } }`,
  );
  const cases: readonly (readonly [name: string, errno: number, rule: string | undefined])[] = [
    ["d0.x", 5, "r0"],
    ["d898.x", 5, "r898"],
    ["x-1", 13, "r1"],
    ["x-899", 13, "r899"],
    ["d1.x", 0, undefined],
    ["x-2", 0, undefined],
  ];
  const names = ["", "/proc/self/root"];
  const { events } = await watch(rules.join("\n"), async () => {
    for (const [name, errno] of cases)
      for (const root of names) {
        const file = join(directory, name);
        writeFileSync(file, "");
        const call = [workplace().calls64, "native", "87", `@${root}${file}`];
        const { code } = await run(call, { uid: 0 });
        assert.equal(code, errno, name);
        assert.equal(existsSync(file), errno !== 0, name);
      }
  });
  assert.deepEqual(
    events.map(({ rule }) => rule),
    cases.flatMap(([, , rule]) => names.flatMap(() => rule ?? [])),
  );
});
