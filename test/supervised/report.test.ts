/** The report of a run: what each process did, without rules of the user and beside them. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Place, testAsEach } from "./sct.ts";

interface Use {
  readonly kind: string;
  readonly name: string;
  readonly to?: string;
  readonly calls: number;
  readonly denied?: number;
  readonly by?: readonly string[];
}

interface Process {
  readonly pid: number;
  readonly parent: number | null;
  readonly program: string;
  readonly arguments: readonly string[];
  readonly exit: number | null;
  readonly uses: readonly Use[];
}

function reportIn(place: Place, name = "report.json") {
  return JSON.parse(readFileSync(join(place.directory, name), "utf8"));
}

/** The process that was started with these words. */
function processOf({ processes }: { processes: readonly Process[] }, ...words: string[]): Process {
  const found = processes.find((one) => one.arguments.join(" ") === words.join(" "));
  assert.ok(found, words.join(" "));
  return found;
}

/** What a process did in the folder of the test. */
function usesIn(place: Place, { uses }: Process): readonly Use[] {
  const local = (name: string) => name.slice(place.directory.length + 1);
  return uses
    .filter(({ name }) => name.startsWith(`${place.directory}/`))
    .map((use) => ({
      ...use,
      name: local(use.name),
      ...(use.to === undefined ? {} : { to: local(use.to) }),
    }));
}

testAsEach("without rules the report has each process and what it did", (place) => {
  place.fill({ a: "a\n", b: "b\n" });
  const script = "cat a a; mv a c; ln c d; rm b; mkdir e; sh -c 'exit 3'";
  const { status, stderr } = place.run(["--report", "report.json"], ["sh", "-c", script]);
  assert.deepEqual([status, stderr], [3, ""]);
  const report = reportIn(place);
  assert.deepEqual([report.exit, report.policies, report.rules], [3, [], []]);
  assert.deepEqual(report.command, ["sh", "-c", script]);
  assert.deepEqual(report.lost, { unclear: 0, notKept: 0, lines: 0 });
  const [root] = report.processes;
  assert.deepEqual([root.parent, root.arguments], [null, ["sh", "-c", script]]);
  const cat = processOf(report, "cat", "a", "a");
  assert.deepEqual([cat.parent, cat.exit], [0, 0]);
  assert.match(cat.program, /\/cat$/);
  assert.deepEqual(usesIn(place, cat), [{ kind: "read", name: "a", calls: 2 }]);
  assert.ok(cat.uses.some(({ kind, name }) => kind === "started" && name === cat.program));
  const expected: readonly [string[], Use][] = [
    [["mv", "a", "c"], { kind: "renamed", name: "a", to: "c", calls: 1 }],
    [["ln", "c", "d"], { kind: "linked", name: "c", to: "d", calls: 1 }],
    [["rm", "b"], { kind: "deleted", name: "b", calls: 1 }],
    [["mkdir", "e"], { kind: "made", name: "e", calls: 1 }],
  ];
  for (const [words, use] of expected)
    assert.deepEqual(usesIn(place, processOf(report, ...words)), [use]);
  assert.equal(report.processes.at(-1).exit, 3);
});

testAsEach("what is denied is no use that was made, whichever rule denies it", (place) => {
  place.fill({
    a: "a\n",
    b: "b\n",
    "p.conf": `policy p { read { "/usr/**", "/etc/**", "/proc/**", "/dev/**" } otherwise = FAIL EACCES }`,
  });
  const options = ["-f", "p.conf", "-e", "unlink then FAIL EPERM", "--report", "report.json"];
  const { stderr } = place.run(
    [...options, "--allow", "policy_leaves_open"],
    ["sh", "-c", "cat a a; rm b; mkdir b; exit 0"],
  );
  const report = reportIn(place);
  assert.deepEqual(usesIn(place, processOf(report, "cat", "a", "a")), [
    { kind: "read", name: "a", calls: 2, denied: 2, by: ["p.read"] },
  ]);
  assert.deepEqual(usesIn(place, processOf(report, "rm", "b")), [
    { kind: "deleted", name: "b", calls: 1, denied: 1, by: ["-e:1"] },
  ]);
  // what is watched for the report alone is no line
  assert.doesNotMatch(stderr, /sct_report/);
});

testAsEach("with --json the numbers of events have no gap", (place) => {
  place.fill({ a: "a\n" });
  const options = ["--json", "-e", "openat", "--report", "report.json"];
  const { stderr } = place.run(options, ["cat", "a"]);
  const numbers = stderr
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line).seq);
  assert.ok(numbers.length > 1);
  assert.deepEqual(
    numbers,
    numbers.map((_, i) => i + 1),
  );
});

testAsEach("a page has the same content as JSON", (place) => {
  place.fill({ a: "a\n" });
  const command = ["sh", "-c", "cat a"];
  place.run(["--report", "report.json"], command);
  place.run(["--report", "report.html"], command);
  const page = readFileSync(join(place.directory, "report.html"), "utf8");
  const text = /<script type="application\/json" id="report">([^<]*)<\/script>/.exec(page)?.[1];
  const shape = (report: { processes: readonly Process[] }) => ({
    ...report,
    processes: report.processes.map(({ program, arguments: words, uses }) => ({
      ...{ program, words, uses },
    })),
  });
  assert.deepEqual(shape(JSON.parse(text ?? "")), shape(reportIn(place)));
});
