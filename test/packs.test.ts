/** Packs are good rule files, whose tests pass, also once they are filled; files of users extend their lists. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { fillPack } from "../src/cli/packs/fill.ts";
import { packNames, packPath } from "../src/cli/packs/find.ts";
import { parseRules, runTests } from "../src/language/index.ts";
import { vocabulary } from "../src/linux/index.ts";

const fill = { work: ["/work"], home: "/home/me", exists: () => true };

interface Source {
  readonly name: string;
  readonly text: string;
}

const read = (name: string): Source => ({ name, text: readFileSync(packPath(name), "utf8") });

/** What is wrong with the rules, and which of their tests fail. */
function wrong(sources: readonly Source[]): readonly string[] {
  const { ruleSet, diagnostics } = parseRules(sources, vocabulary);
  const messages = diagnostics.map(({ message }) => message);
  if (ruleSet === undefined) return messages;
  const results = runTests(ruleSet, vocabulary, () => "");
  assert.ok(results.length > 0);
  return [
    ...messages,
    ...results.flatMap(({ test: { title }, passed }) => (passed ? [] : [title])),
  ];
}

describe("packs", () => {
  assert.equal(packNames().length, readdirSync(new URL("../packs", import.meta.url)).length);
  for (const name of packNames()) {
    const pack = read(name);
    test(`${name} begins with what it is for`, () => assert.match(pack.text, /^# [A-Z][^\n]+\n/));
    test(`${name} is good by itself, and its tests pass`, () =>
      assert.deepEqual(wrong([pack]), []));
    for (const home of ["/home/me", "/root", "/srv/people/me", '/srv/"[x]'])
      test(`${name} is good where home is ${home}`, () => {
        const filled = fillPack(pack, [], { ...fill, home });
        assert.deepEqual(wrong([filled.pack]), []);
      });
  }
});

const call = (what: string, path: string, expected: string): string =>
  `test "${what}" { call open("${path}", ${what}) expect ${expected} }\n`;

test("lists of a user's file are added, and its rules stay", () => {
  const own = {
    name: "own",
    text: `list WRITES { "/srv/out/**", # mine
  "/srv/more" }
list OTHER { "/srv/x" }
rule { rule_name = mine syscall_name = unlink filter_expression { PATH in OTHER } action { type = LOG } }`,
  };
  const filled = fillPack(read("ci"), [own], fill);
  const tests = {
    name: "tests",
    text:
      call("O_WRONLY", "/srv/out/a", "nothing") +
      call("O_RDWR", "/srv/more", "nothing") +
      call("O_WRONLY | O_CREAT", "/srv/other", "FAIL EACCES by ci.write") +
      'test "u" { call unlink("/srv/x") expect LOG by mine }',
  };
  assert.deepEqual(wrong([filled.pack, ...filled.over, tests]), []);
  assert.equal(filled.pack.text.split("\n").length > read("ci").text.split("\n").length, true);
});

test("the folder of the run is the one that is written, whatever its name", () => {
  const filled = fillPack(read("agent"), [], { ...fill, work: ['/srv/[a] "b"', "/srv/t"] });
  const tests = {
    name: "tests",
    text:
      call("O_WRONLY", '/srv/[a] \\"b\\"/x', "nothing") +
      call("O_RDWR", "/srv/t/x", "nothing") +
      call("O_WRONLY | O_CREAT", "/srv/a/x", "FAIL EACCES by agent.write"),
  };
  const failed = wrong([filled.pack, tests]);
  // those of the pack are about /work
  assert.deepEqual(failed, ["the work is written"]);
});

test("where the folder of an agent is the home, its keys are not written either", () => {
  const filled = fillPack(read("agent"), [], { ...fill, work: ["/home/me"] });
  const text = call(
    "O_WRONLY | O_CREAT",
    "/home/me/.ssh/authorized_keys",
    "FAIL EACCES by agent.write",
  );
  // those of the pack are about /work
  assert.deepEqual(wrong([filled.pack, { name: "tests", text }]), [
    "the work is written",
    "what is beside it is not",
  ]);
});

test("homes: what is taken away is taken away in all, what is allowed is allowed in one", () => {
  const filled = fillPack(read("agent"), [], { ...fill, home: "/srv/me" });
  const denied = "FAIL EACCES by agent";
  const tests = {
    name: "tests",
    text:
      call("O_RDONLY", "/srv/me/.ssh/id", `${denied}.read`) +
      call("O_RDONLY | O_CLOEXEC", "/home/you/.ssh/id", `${denied}.read`) +
      call("O_WRONLY", "/srv/me/.cache/a", "nothing") +
      call("O_RDWR", "/home/you/.cache/a", `${denied}.write`),
  };
  assert.deepEqual(wrong([filled.pack, tests]), []);
});
