/** Rule sets of a size that people write: they load, and the right rule acts. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { assertNoObjects } from "./bpf-objects.ts";
import { needsKernel } from "./needs.ts";
import { assertEvents, run, USER, watch, workplace } from "./watching.ts";

after(assertNoObjects);

const own = `UID == ${USER} && COMM == "calls64"`;
const unlink = (path: string): Promise<unknown> =>
  run([workplace().calls64, "native", "87", `@${path}`]);

test("150 rules on one name: the first and the last are found", async (t) => {
  if (!needsKernel(t)) return;
  const rules = Array.from(
    { length: 150 },
    (_, i) => `rule { rule_name = r${i} syscall_name = unlink
      filter_expression { ${own} && PARAMS[1] == "/n/${i}" } action { type = LOG log_format {%ruleid %params} } }`,
  );
  const { events } = await watch(rules.join("\n"), async () => {
    for (const n of [0, 77, 149, 150]) await unlink(`/n/${n}`);
  });
  assertEvents(events, [
    { rule: "r0", line: 'r0 "/n/0"' },
    { rule: "r77", line: 'r77 "/n/77"' },
    { rule: "r149", line: 'r149 "/n/149"' },
  ]);
});

test("one rule with a thousand texts", async (t) => {
  if (!needsKernel(t)) return;
  const texts = Array.from({ length: 1000 }, (_, i) => `"/n/${i}"`);
  const rule = `rule { syscall_name = unlink filter_expression { ${own} && PARAMS[1] in (${texts.join(", ")}) } action { type = LOG } }`;
  const { events } = await watch(rule, async () => {
    for (const n of [0, 999, 1000]) await unlink(`/n/${n}`);
  });
  assertEvents(events, [{ values: ["/n/0"] }, { values: ["/n/999"] }]);
});

test("a class of calls, before and after", async (t) => {
  if (!needsKernel(t)) return;
  const rule = (when: string): string =>
    `rule { syscall_name = @file when = ${when} filter_expression { ${own} } action { type = LOG } }`;
  const { events } = await watch(`${rule("before")}\n${rule("after")}`, () => unlink("/n/a"));
  assertEvents(events, [
    { when: "before", syscall: "unlink", values: ["/n/a"] },
    { when: "after", syscall: "unlink", values: ["/n/a"], retval: -2 },
  ]);
});

test("10,000 rules of several shapes: the first that matches is found, and each has its counters", async (t) => {
  if (!needsKernel(t)) return;
  const filters = [
    (i: number) => `PARAMS[1] == "/m/${i}"`,
    (i: number) => `PARAMS[1] startswith "/m/${i}/"`,
    (i: number) => `PARAMS[1] matches "/m/*/${i}/*.log" && GID in (${USER}, ${i})`,
  ];
  const rules = Array.from(
    { length: 10_000 },
    (_, i) => `rule { rule_name = r${i} syscall_name = unlink
      filter_expression { ${own} && ${filters[i % 3]?.(i)} } action { type = LOG log_format {%ruleid %params} } }`,
  );
  rules[5000] = `rule { rule_name = r5000 syscall_name = unlink
    filter_expression { ${own} && (PARAMS[1] =~ "^/m/999[0-9]$" || PARAMS[1] == "/m/0") } action { type = LOG } }`;
  const { events, counters } = await watch(rules.join("\n"), async () => {
    for (const path of ["/m/0", "/m/9999", "/m/9998", "/m/4/x", "/m/x/8/a.log", "/m/x/8/a", "/m"])
      await unlink(path);
  });
  assertEvents(events, [
    { rule: "r0", line: 'r0 "/m/0"' },
    { rule: "r5000", values: ["/m/9999"] },
    { rule: "r5000", values: ["/m/9998"] },
    { rule: "r4", line: 'r4 "/m/4/x"' },
    { rule: "r8", line: 'r8 "/m/x/8/a.log"' },
  ]);
  const matched = [0, 4, 8, 5000, 9999].map((i) => counters.rules[i]?.matched);
  assert.deepEqual(matched, [1, 1, 1, 2, 0]);
});

test("2,000 rules with ordered comparisons: the first that matches is found", async (t) => {
  if (!needsKernel(t)) return;
  const rules = Array.from(
    { length: 2000 },
    (_, i) => `rule { rule_name = r${i} syscall_name = kill syscall_match = exact
      filter_expression { ${own} && PARAMS[2] == 0 && PARAMS[1] >= ${3_000_000 - i} && PARAMS[1] != ${3_000_000 + i} }
      action { type = LOG log_format {%ruleid %params} } }`,
  );
  const kill = (pid: number): Promise<unknown> =>
    run([workplace().calls64, "native", "62", String(pid), "0"]);
  const { events } = await watch(rules.join("\n"), async () => {
    for (const pid of [3_000_001, 3_000_000, 2_999_999, 2_998_001, 2_998_000]) await kill(pid);
  });
  assertEvents(events, [
    { rule: "r0", line: "r0 3000001, 0" },
    { rule: "r1", line: "r1 3000000, 0" },
    { rule: "r1", line: "r1 2999999, 0" },
    { rule: "r1999", line: "r1999 2998001, 0" },
  ]);
});

test("2,000 regular expressions: the first that matches is found", async (t) => {
  if (!needsKernel(t)) return;
  const rules = Array.from(
    { length: 2000 },
    (_, i) => `rule { rule_name = r${i} syscall_name = unlink
      filter_expression { ${own} && PARAMS[1] =~ "^/srv/[a-z]+/${i}/.*[.](log|txt)$" }
      action { type = LOG log_format {%ruleid %params} } }`,
  );
  const paths = ["/srv/a/1999/b.log", "/srv/a/0/.txt", "/srv/a/0/txt", "/srv/A/7/b.log"];
  const { events } = await watch(rules.join("\n"), async () => {
    for (const path of paths) await unlink(path);
  });
  assertEvents(events, [
    { rule: "r1999", line: 'r1999 "/srv/a/1999/b.log"' },
    { rule: "r0", line: 'r0 "/srv/a/0/.txt"' },
  ]);
});
