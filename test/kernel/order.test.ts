/** Which rule acts, how often, and what is counted. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { needs32Bit } from "../programs/runs-32-bit.ts";
import { assertNoObjects } from "./bpf-objects.ts";
import { needsKernel } from "./needs.ts";
import {
  canPlay,
  OTHER_USER,
  play,
  run,
  type Scenario,
  USER,
  watch,
  workplace,
} from "./watching.ts";

after(assertNoObjects);

const UNLINK = "87";
const GETPPID = "110";

interface RuleParts {
  readonly name: string;
  readonly call?: string;
  readonly filter?: string;
  readonly more?: string;
  readonly actions?: string;
}

const LOG = "action { type = LOG log_format {%ruleid %params} }";

function rule({
  name,
  call = "unlink",
  filter = "1",
  more = "",
  actions = LOG,
}: RuleParts): string {
  return `rule { rule_name = ${name} syscall_name = ${call} ${more}
    filter_expression { UID == ${USER} && (${filter}) } ${actions} }\n`;
}

const A = rule({ name: "a", filter: 'PARAMS[1] startswith "/n/"' });
const B = rule({ name: "b", filter: 'PARAMS[1] endswith "b"' });
const unlinks = (...paths: string[]) =>
  paths.map((path) => [workplace().calls64, "native", UNLINK, `@${path}`]);

const scenarios: readonly Scenario[] = [
  {
    title: "the first rule that matches is the only one: a before b",
    rules: A + B,
    triggers: () => unlinks("/n/a", "/n/b", "/m/b", "/m/c"),
    expect: [{ line: 'a "/n/a"' }, { line: 'a "/n/b"' }, { line: 'b "/m/b"' }],
  },
  {
    title: "the first rule that matches is the only one: b before a",
    rules: B + A,
    triggers: () => unlinks("/n/a", "/n/b", "/m/b", "/m/c"),
    expect: [{ line: 'a "/n/a"' }, { line: 'b "/n/b"' }, { line: 'b "/m/b"' }],
  },
  {
    title: "continue lets later rules see the call",
    rules:
      rule({ name: "first", more: "continue = yes" }) +
      rule({ name: "second", more: "continue = yes", filter: 'PARAMS[1] == "/n/b"' }) +
      rule({ name: "third" }) +
      rule({ name: "never" }),
    triggers: () => unlinks("/n/a", "/n/b"),
    expect: [
      { line: 'first "/n/a"' },
      { line: 'third "/n/a"' },
      { line: 'first "/n/b"' },
      { line: 'second "/n/b"' },
      { line: 'third "/n/b"' },
    ],
    counters: [{ matched: 2 }, { matched: 1 }, { matched: 2 }, { matched: 0 }],
  },
  {
    title: "before and after are moments of their own",
    rules:
      rule({ name: "a1", more: "when = after" }) +
      rule({ name: "b1" }) +
      rule({ name: "a2", more: "when = after" }) +
      rule({ name: "b2" }),
    triggers: () => unlinks("/n/a"),
    expect: [
      { rule: "b1", when: "before", retval: null },
      { rule: "a1", when: "after", retval: -2 },
    ],
  },
  {
    title: "several LOG actions are one event with a line each",
    rules: rule({
      name: "two",
      actions:
        "action { type = LOG log_format {one %param1} } action { type = LOG log_format {two %comm} }",
    }),
    triggers: () => unlinks("/n/a"),
    expect: [{ line: 'one "/n/a"\ntwo "calls64"', actions: ["LOG", "LOG"] }],
    counters: [{ matched: 1, delivered: 1 }],
  },
  {
    title: "a rule of several names and filters typed for each",
    rules: rule({ name: "many", call: "unlink, rmdir, chdir", filter: 'PARAMS[1] == "/n/a"' }),
    triggers: () => [
      ...unlinks("/n/a", "/n/b"),
      [workplace().calls64, "native", "84", "@/n/a"],
      [workplace().calls64, "native", "263", "-100", "@/n/a", "512"],
      [workplace().calls64, "native", "80", "@/n/a"],
      [workplace().calls64, "native", "80", "@/n/b"],
    ],
    expect: [
      { syscall: "unlink", as: "unlink" },
      { syscall: "rmdir", as: "rmdir" },
      { syscall: "unlinkat", as: "rmdir" },
      { syscall: "chdir", as: "chdir" },
    ],
  },
];

for (const scenario of scenarios) {
  test(scenario.title, async (t) => {
    if (!needsKernel(t) || !canPlay(t, scenario)) return;
    const { counters } = await play(scenario);
    for (const { matched, delivered, limited, dropped, missed } of counters.rules)
      assert.deepEqual([matched, missed], [delivered + limited + dropped, 0]);
  });
}

test("limit per uid counts each uid by itself, and exactly", async (t) => {
  if (!needsKernel(t)) return;
  const { calls64 } = workplace();
  const text = `rule { rule_name = limited syscall_name = getppid limit = 10/h per uid
    filter_expression { UID in (${USER}, ${OTHER_USER}) && COMM == "calls64" } action { type = LOG } }`;
  const { events, counters } = await watch(text, async () => {
    await run([calls64, "loop", "100", GETPPID]);
    await run([calls64, "loop", "6", GETPPID], { uid: OTHER_USER });
    await run([calls64, "loop", "7", GETPPID]);
    await run([calls64, "loop", "6", GETPPID], { uid: OTHER_USER });
  });
  const of = (uid: number): number => events.filter((event) => event.uid === uid).length;
  assert.deepEqual([of(USER), of(OTHER_USER)], [10, 10]);
  const [counted] = counters.rules;
  assert.deepEqual([counted?.matched, counted?.limited, counted?.delivered], [119, 99, 20]);
});

test("limit per pid starts again for each process; without a key it is for all", async (t) => {
  if (!needsKernel(t) || !needs32Bit(t, workplace().calls32)) return;
  const { calls64 } = workplace();
  const perPid = rule({ name: "pid", call: "getppid", more: "limit = 3/h per pid continue = yes" });
  const perComm = rule({
    name: "comm",
    call: "getppid",
    more: "limit = 4/h per comm continue = yes",
  });
  const all = rule({ name: "all", call: "getppid", more: "limit = 5/h" });
  const { events, counters } = await watch(perPid + perComm + all, async () => {
    for (let i = 0; i < 4; i++) await run([calls64, "loop", "5", GETPPID]);
    await run([workplace().calls32, "loop", "5", "64"]);
  });
  const of = (name: string): number => events.filter((event) => event.rule === name).length;
  assert.deepEqual([of("pid"), of("comm"), of("all")], [15, 8, 5]);
  assert.deepEqual(
    counters.rules.map(({ matched, limited }) => [matched, limited]),
    [
      [25, 10],
      [25, 17],
      [25, 20],
    ],
  );
});

test("a limit lets reports through again in the next period", async (t) => {
  if (!needsKernel(t)) return;
  const { calls64 } = workplace();
  const text = rule({ name: "short", call: "getppid", more: "limit = 2/s" });
  const { events, counters } = await watch(text, async (watching) => {
    const start = performance.now();
    await run([calls64, "loop", "5", GETPPID]);
    await watching.until(2);
    // calls until one is let through, which the end of the second brings
    while (watching.events.length === 2 && performance.now() - start < 10_000)
      await run([calls64, "native", GETPPID]);
  });
  assert.equal(events.length, 3);
  const [first, , third] = events.map(({ ts }) => Date.parse(ts));
  assert.ok((third ?? 0) - (first ?? 0) >= 999, `${third} follows ${first}`);
  const [counted] = counters.rules;
  assert.equal(counted?.matched, (counted?.limited ?? 0) + 3);
});
