/** Text that is not in memory yet, cannot be read at all, is too long, or is not there. */
import assert from "node:assert/strict";
import { copyFileSync, existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { assertNoObjects } from "./bpf-objects.ts";
import { needsKernel } from "./needs.ts";
import { play, type Scenario, USER, workplace } from "./watching.ts";

after(assertNoObjects);

const calls64 = (...args: string[]): string[] => [workplace().calls64, ...args];

/** A file with a path in it; padded, so that its text ends within its page. */
function fileWith(text: string): string {
  const file = join(workplace().directory, `text-${text.replaceAll("/", "_")}`);
  writeFileSync(file, `${text}\0`);
  return file;
}

const unfaulted = (text: string, call: string): string[] => [
  workplace().scenes,
  "unfaulted",
  fileWith(text),
  call,
];

const by = (filter = "1"): string => `filter_expression { UID == ${USER} && (${filter}) }`;
const byScenes = (filter = "1"): string => by(`COMM == "scenes" && (${filter})`);
const byCalls = (filter = "1"): string => by(`COMM == "calls64" && (${filter})`);

/** No page of a process is here. */
const NOWHERE = "4096";
const longPath = (length: number): string => `/${"x".repeat(length - 1)}`;

const scenarios: readonly Scenario[] = [
  {
    title: "a rule without a filter on the text shows the real path of an unfaulted string",
    rules: `rule { syscall_name = unlink ${byScenes()} action { type = LOG log_format {%params} } }`,
    triggers: () => [unfaulted("/n/late", "unlink")],
    expect: [{ line: '"/n/late"', flags: ["late"] }],
    counters: [{ matched: 1, delivered: 1, unreadable: 0, missed: 0 }],
  },
  {
    title: "a filter on an unfaulted string is decided when it can be read",
    rules: `rule { rule_name = a syscall_name = unlink ${byScenes('PARAMS[1] == "/n/a"')} action { type = LOG } }
            rule { rule_name = b syscall_name = unlink ${byScenes('PARAMS[1] endswith "b"')} action { type = LOG } }`,
    triggers: () => [
      unfaulted("/n/a", "unlink"),
      unfaulted("/n/b", "unlink"),
      unfaulted("/n/c", "unlink"),
    ],
    expect: [
      { rule: "a", values: ["/n/a"], flags: ["late"] },
      { rule: "b", values: ["/n/b"], flags: ["late"] },
    ],
    counters: [
      { matched: 1, unreadable: 0 },
      { matched: 1, unreadable: 0 },
    ],
  },
  {
    title: "a literal that is used for the first time",
    rules: `rule { syscall_name = open ${byScenes('PARAMS[1] startswith "/nonexistent"')} action { type = LOG } }`,
    triggers: () => [[workplace().scenes, "literal"]],
    expect: [{ values: ["/nonexistent/literal", 0, 0], flags: ["late"], syscall: "openat" }],
  },
  {
    title: "both strings of rename",
    rules: `rule { syscall_name = rename ${byScenes()} action { type = LOG log_format {%params} } }`,
    triggers: () => [unfaulted("/n/new", "rename"), unfaulted("/n/both", "rename2")],
    expect: [
      { line: '"/nonexistent/old", "/n/new"', flags: ["late"] },
      { line: '"/n/both", "/n/both"', flags: ["late"] },
    ],
  },
  {
    title: "both strings of rename, with a filter on each",
    rules: `rule { syscall_name = rename ${byScenes('PARAMS[2] startswith "/n/" && PARAMS[1] != "/zzz"')} action { type = LOG log_format {%params} } }`,
    triggers: () => [unfaulted("/n/new", "rename"), unfaulted("/n/both", "rename2")],
    expect: [
      { line: '"/nonexistent/old", "/n/new"', flags: ["late"] },
      { line: '"/n/both", "/n/both"', flags: ["late"] },
    ],
  },
  {
    title: "after rules of an unfaulted string",
    rules: `rule { syscall_name = rename when = after ${byScenes()} action { type = LOG log_format {%params %retval} } }
            rule { syscall_name = unlink when = after ${byScenes('PARAMS[1] == "/n/a"')} action { type = LOG log_format {%params %retval} } }`,
    triggers: () => [
      unfaulted("/n/both", "rename2"),
      unfaulted("/n/a", "unlink"),
      unfaulted("/n/b", "unlink"),
    ],
    expect: [
      { line: '"/n/both", "/n/both" -2', flags: ["late"] },
      { line: '"/n/a" -2', flags: ["late"] },
    ],
  },
  {
    title: "a pointer to nowhere: LOG matches, the line says so, the decision is counted",
    rules: `rule { rule_name = match syscall_name = unlink continue = yes ${byCalls('PARAMS[1] == "/n/a"')} action { type = LOG log_format {%params} } }
            rule { rule_name = skip syscall_name = unlink on_unreadable = skip continue = yes ${byCalls('PARAMS[1] == "/n/a"')} action { type = LOG } }
            rule { rule_name = whatever syscall_name = unlink continue = yes ${byCalls()} action { type = LOG log_format {%params} } }`,
    triggers: () => [calls64("native", "87", NOWHERE)],
    expect: [
      { rule: "match", line: "(unreadable)", values: [null], flags: ["unreadable", "late"] },
      { rule: "whatever", line: "(unreadable)", values: [null], flags: ["unreadable", "late"] },
    ],
    counters: [
      { rule: "match", matched: 1, delivered: 1, unreadable: 1 },
      { rule: "skip", matched: 0, delivered: 0, unreadable: 1 },
      { rule: "whatever", matched: 1, delivered: 1, unreadable: 0 },
    ],
  },
  {
    title: "KILL does not act on what cannot be read",
    rules: `rule { syscall_name = unlink ${byCalls('PARAMS[1] == "/n/a"')} action { type = KILL } }`,
    triggers: () => [calls64("native", "87", NOWHERE)],
    expect: [],
    counters: [{ matched: 0, unreadable: 1 }],
  },
  {
    title: "Kleene's logic over an unreadable string",
    rules: `rule { rule_name = or syscall_name = unlink continue = yes ${byCalls('PARAMS[1] == "/n/a" || PID > 1')} action { type = LOG } }
            rule { rule_name = and syscall_name = unlink continue = yes ${byCalls('PARAMS[1] == "/n/a" && PID == 1')} action { type = LOG } }`,
    triggers: () => [calls64("native", "87", NOWHERE)],
    expect: [{ rule: "or" }],
    counters: [
      { matched: 1, unreadable: 0 },
      { matched: 0, unreadable: 0 },
    ],
  },
  {
    title: "4096 bytes are whole, 4097 are truncated",
    rules: `rule { syscall_name = unlink ${byCalls()} action { type = LOG } }`,
    triggers: () => [4095, 4096, 4097, 6000].map((n) => calls64("native", "87", `@${longPath(n)}`)),
    expect: [
      { values: [longPath(4095)], flags: [] },
      { values: [longPath(4096)], flags: [] },
      { values: [longPath(4096)], flags: ["truncated"], line: /x"\.\.\./ },
      { values: [longPath(4096)], flags: ["truncated"], line: /x"\.\.\./ },
    ],
  },
  {
    title: "what is cut off may decide: filters on truncated text follow on_unreadable",
    rules: `rule { rule_name = match syscall_name = unlink continue = yes ${byCalls('PARAMS[1] endswith "x"')} action { type = LOG } }
            rule { rule_name = skip syscall_name = unlink continue = yes on_unreadable = skip ${byCalls('PARAMS[1] endswith "x"')} action { type = LOG } }`,
    triggers: () => [4096, 4097].map((n) => calls64("native", "87", `@${longPath(n)}`)),
    expect: [
      { rule: "match", flags: [] },
      { rule: "skip", flags: [] },
      { rule: "match", flags: (flags: string[]) => flags.includes("truncated") },
    ],
    counters: [
      { matched: 2, unreadable: 1 },
      { matched: 1, unreadable: 1 },
    ],
  },
  {
    title: "NULL is shown, and makes comparisons false",
    rules: `rule { rule_name = equal syscall_name = unlink continue = yes ${byCalls('PARAMS[1] == "" || PARAMS[1] != ""')} action { type = LOG } }
            rule { rule_name = any syscall_name = unlink ${byCalls()} action { type = LOG log_format {%params} } }`,
    triggers: () => [calls64("native", "87", "0")],
    expect: [{ rule: "any", line: "NULL", values: [null], flags: [] }],
    counters: [{ unreadable: 0 }],
  },
];

for (const scenario of scenarios) {
  test(scenario.title, async (t) => {
    if (!needsKernel(t)) return;
    await play(scenario);
  });
}

for (const [call, syscall] of [
  ["exec", "execve"],
  ["execat", "execveat"],
] as const) {
  for (const when of ["before", "after"] as const) {
    test(`${syscall} of a program whose name is unfaulted, ${when}`, async (t) => {
      if (!needsKernel(t)) return;
      const program = join(workplace().directory, "program");
      if (!existsSync(program)) copyFileSync("/bin/true", program);
      await play({
        title: "",
        rules: `rule { rule_name = named syscall_name = execve when = ${when} continue = yes ${byScenes('PARAMS[1] endswith "/program"')} action { type = LOG } }
                rule { rule_name = caller syscall_name = execve when = ${when} continue = yes ${byScenes()} action { type = LOG log_format {%exe %param1 %cwd} } }
                rule { rule_name = any syscall_name = execve when = ${when} ${byScenes()} action { type = LOG } }`,
        triggers: () => [unfaulted(program, call)],
        expect: [
          { rule: "named", syscall, flags: ["late"], comm: "scenes" },
          // what else is text does not move when the name is read
          {
            rule: "caller",
            syscall,
            flags: ["late"],
            line: `"${workplace().scenes}" "${program}" "${workplace().directory}"`,
          },
          { rule: "any", syscall, flags: ["late"], comm: "scenes" },
        ].map((event) => ({ ...event, values: (v: unknown[]) => v[0] === program })),
      });
    });
  }
}

test("a program never sees that its memory was looked at", async (t) => {
  if (!needsKernel(t)) return;
  const { counters } = await play({
    title: "",
    rules: `rule { syscall_name = unlink ${byCalls('PARAMS[1] == "/n/a"')} action { type = LOG } }`,
    triggers: () => [calls64("native", "87", NOWHERE), calls64("native", "87", "0")],
    expect: [{ flags: ["unreadable", "late"] }],
  });
  assert.equal(counters.readerDropped, 0);
});

test("execveat relative to a directory, and of a descriptor, show the unfaulted name that was passed", async (t) => {
  if (!needsKernel(t)) return;
  await play({
    title: "",
    rules: `rule { syscall_name = execve when = after ${byScenes()} action { type = LOG log_format {%sname %param1 %retval} } }`,
    triggers: () => [unfaulted("true", "execat-in"), unfaulted("", "execat-fd")],
    expect: [
      { line: 'execveat "true" 0', flags: ["late"] },
      { line: 'execveat "" 0', flags: ["late"] },
    ],
  });
});
