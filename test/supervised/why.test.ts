/** What a policy denied is said at the end with what would allow it, for people and for programs. */
import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Place, testAsEach } from "./sct.ts";

const SCRIPT = "cat lib/a lib/a; cat secret; mv out/a b; exit 3";

function prepare(place: Place, otherwise: string): void {
  const at = (name: string) => join(place.directory, name);
  for (const name of ["lib", "out"]) mkdirSync(at(name));
  for (const name of ["lib/a", "secret", "out/a"]) writeFileSync(at(name), `${name}\n`);
  writeFileSync(
    at("policy.conf"),
    `policy p {
  read { "/usr/**", "/etc/**", "/proc/**", "/dev/**", "${at("secret")}", not "${at("secret")}" }
  write { "${at("out")}/**", "/dev/null" }
  execute { "/usr/**" } attributes { } connect { } listen { } unix { }
  otherwise = ${otherwise}
}`,
  );
  place.own(place.directory);
}

for (const [otherwise, isDenied] of [
  ["FAIL EACCES", true],
  ["LOG", false],
] as const)
  testAsEach(`the report says what to add, with ${otherwise}`, (place) => {
    prepare(place, otherwise);
    const options = ["-f", "policy.conf", "--report", "report.json"];
    const { status, stderr } = place.run(options, ["sh", "-c", SCRIPT]);
    assert.equal(status, 3, stderr);
    const { v, exit, signal, policies, rules } = JSON.parse(
      readFileSync(join(place.directory, "report.json"), "utf8"),
    );
    assert.deepEqual([v, exit, signal, policies.length], [1, 3, null, 1]);
    const [{ policy, denied, lists }] = policies;
    assert.deepEqual([policy, denied], ["p", isDenied]);
    const [read, write] = lists;
    const name = (of: string) => join(place.directory, of);
    assert.deepEqual([read.list, read.at, read.calls], ["read", "policy.conf:2", 3]);
    assert.deepEqual(read.names[0], {
      ...{ name: name("lib/a"), call: "openat", calls: 2, programs: ["cat"] },
    });
    // a part of the name that looks made up is a pattern
    assert.equal(read.add.length, 1);
    assert.match(read.add[0], /^"\/[^"]*\/lib\/a"$/);
    assert.deepEqual(read.notProposed, [
      { name: name("secret"), why: "the policy takes it away by `not`" },
    ]);
    assert.deepEqual([write.list, write.at], ["write", "policy.conf:3"]);
    assert.ok(rules.some((one: { rule: string }) => one.rule === "p.write.moves"));
    const done = isDenied ? "denied" : "would deny";
    assert.match(
      stderr,
      new RegExp(
        `^sct: why: read of p at policy\\.conf:2 ${done} 3 calls: "[^"]*/lib/a" \\(cat\\), .*; add to read to allow it: "[^"]*/lib/a"`,
        "m",
      ),
    );
  });

testAsEach("-q says nothing, and the report has it all the same", (place) => {
  prepare(place, "FAIL EACCES");
  const options = ["-q", "-f", "policy.conf", "--report", "report.json"];
  const { stderr } = place.run(options, ["cat", "lib/a"]);
  assert.doesNotMatch(stderr, /why:/);
  const { policies } = JSON.parse(readFileSync(join(place.directory, "report.json"), "utf8"));
  assert.equal(policies[0].lists[0].calls, 1);
  // nothing was denied
  place.run(options, ["true"]);
  const none = JSON.parse(readFileSync(join(place.directory, "report.json"), "utf8"));
  assert.deepEqual([none.policies, none.rules], [[], []]);
  const bad = place.run(["-f", "policy.conf", "--report", "no/r.json"], ["sh", "-c", "exit 4"]);
  assert.equal(bad.status, 4);
  assert.match(bad.stderr, /cannot write 'no\/r\.json'/);
});
