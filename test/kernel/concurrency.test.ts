/** Many threads on all processors at once: no event shows what belongs to another. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { assertNoObjects } from "./bpf-objects.ts";
import { needsKernel } from "./needs.ts";
import { run, type SeenEvent, USER, watch, workplace } from "./watching.ts";

after(assertNoObjects);

const PROCESSES = 3;
const THREADS = 6;
const COUNT = 400;
const CALLS = PROCESSES * THREADS * COUNT;

const storm = (): Promise<unknown> =>
  Promise.all(
    Array.from({ length: PROCESSES }, () =>
      run([workplace().scenes, "storm", String(THREADS), String(COUNT)]),
    ),
  );

const own = `UID == ${USER} && COMM == "scenes"`;

/** The text says which thread passed it and which of its calls it is, and what the rest of it must be. */
function assertOwnText(event: SeenEvent): void {
  const [text] = event.values;
  const [, tid, n, rest = ""] = /^\/storm\/(\d+)\/(\d+)\/(.*)$/.exec(String(text)) ?? [];
  assert.equal(Number(tid), event.tid, `${event.tid} shows ${String(text).slice(0, 60)}`);
  assert.equal(rest.length, (Number(n) * 37) % 3000);
  const letter = String.fromCharCode(97 + (event.tid % 26));
  assert.equal(rest, letter.repeat(rest.length));
}

/** Each thread's calls in order, none missing. */
function assertComplete(events: readonly SeenEvent[]): void {
  const next = new Map<number, number>();
  for (const { tid, values } of events) {
    const n = Number(String(values[0]).split("/")[3]);
    assert.equal(n, next.get(tid) ?? 0);
    next.set(tid, n + 1);
  }
  assert.equal(next.size, PROCESSES * THREADS);
}

for (const [title, rules] of Object.entries({
  "text in the report alone": `rule { syscall_name = unlink filter_expression { ${own} } action { type = LOG } }`,
  "text in filters, by comparison and by automaton": `rule { syscall_name = unlink
    filter_expression { ${own} && PARAMS[1] startswith "/storm/" && PARAMS[1] matches "/storm/*/**" } action { type = LOG } }`,
  "text kept from entry to exit": `rule { syscall_name = unlink when = after
    filter_expression { ${own} && RETVAL == -2 || RETVAL == -36 && ${own} } action { type = LOG } }`,
})) {
  test(`threads do not see each other's strings: ${title}`, async (t) => {
    if (!needsKernel(t)) return;
    const { events, counters } = await watch(rules, storm);
    for (const event of events) assertOwnText(event);
    assertComplete(events);
    const [counted] = counters.rules;
    assert.deepEqual([counted?.matched, counted?.delivered, counted?.missed], [CALLS, CALLS, 0]);
    assert.equal(counters.recursionMisses, 0);
    assert.deepEqual(
      events.map(({ seq }) => seq).sort((x, y) => x - y),
      Array.from({ length: CALLS }, (_, i) => i + 1),
    );
  });
}

test("text that changes under the program's hands is never torn beyond the text itself", async (t) => {
  if (!needsKernel(t)) return;
  const count = 5000;
  const rule = `rule { syscall_name = unlink filter_expression { ${own} && PARAMS[1] matches "/swap/*" } action { type = LOG } }`;
  const { events } = await watch(rule, () => run([workplace().scenes, "swap", String(count)]));
  assert.equal(events.length, count);
  for (const { values } of events) assert.match(String(values[0]), /^\/swap\/[a-z]{24}$/);
});

test("a limit holds exactly when many threads reach it at once", async (t) => {
  if (!needsKernel(t)) return;
  const rule = (name: string, more: string): string =>
    `rule { rule_name = ${name} syscall_name = unlink ${more} continue = yes filter_expression { ${own} } action { type = LOG } }`;
  const rules = [
    rule("all", "limit = 7/h"),
    rule("uid", "limit = 1/h per uid"),
    rule("tid", "limit = 3/h per tid"),
  ];
  const { events, counters } = await watch(rules.join("\n"), storm);
  const of = (name: string): number => events.filter((event) => event.rule === name).length;
  assert.deepEqual([of("all"), of("uid"), of("tid")], [7, 1, 3 * PROCESSES * THREADS]);
  for (const { matched, delivered, limited } of counters.rules)
    assert.deepEqual([matched, delivered + limited], [CALLS, CALLS]);
});
