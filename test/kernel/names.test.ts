/** What literal paths of rules mean where links lead to them, and lead elsewhere later. */
import assert from "node:assert/strict";
import { copyFileSync, mkdirSync, renameSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { assertNoObjects } from "./bpf-objects.ts";
import { needsKernel } from "./needs.ts";
import { run, USER, watch, workplace } from "./watching.ts";

after(assertNoObjects);

test("a program behind a link is meant by its literal path, and another one when the link is exchanged", async (t) => {
  if (!needsKernel(t)) return;
  const { directory } = workplace();
  for (const name of ["r1", "r2"]) {
    mkdirSync(join(directory, name));
    copyFileSync("/bin/mkdir", join(directory, name, "make"));
  }
  symlinkSync("r1", join(directory, "current"));
  let made = 0;
  const make = (release: string) =>
    run([join(directory, release, "make"), join(directory, `made${made++}`)]);
  const rule = (name: string, filter: string) =>
    `rule { rule_name = ${name} syscall_name = mkdir continue = yes
       filter_expression { UID == ${USER} && ${filter} } action { type = LOG } }`;
  const rules = [
    rule("same", `EXE == "${directory}/current/make"`),
    rule("begins", `EXE startswith "${directory}/current/"`),
    rule("listed", `EXE in ("${directory}/none", "${directory}//current/./make")`),
    rule("fits", `EXE matches "${directory}/current/m*"`),
    rule("other", `EXE != "${directory}/current/make"`),
  ];
  const { events } = await watch(rules.join("\n"), async (watching) => {
    await make("r1");
    await make("r2");
    await watching.until(5);
    symlinkSync("r2", join(directory, "next"));
    renameSync(join(directory, "next"), join(directory, "current"));
    // a moment later it is known
    const isNew = () => watching.events.at(-1)?.rule === "fits";
    for (let i = 0; i < 1000 && !isNew(); i++) {
      const seen = watching.events.length;
      await make("r2");
      await watching.until(seen + 1);
      if (watching.events[seen]?.rule === "same") await watching.until(seen + 4);
    }
    assert.ok(isNew());
    const seen = watching.events.length;
    await make("r1");
    await watching.until(seen + 1);
  });
  const names = events.map(({ rule: name }) => name);
  const meant = ["same", "begins", "listed", "fits"];
  assert.deepEqual(names.slice(0, 5), [...meant, "other"]);
  assert.deepEqual(names.slice(-5), [...meant, "other"]);
});

test("2,000 rules on programs: the first that matches is found, by its own name or by a link", async (t) => {
  if (!needsKernel(t)) return;
  const { directory } = workplace();
  for (const name of ["s1", "s2", "s3", "s4"]) {
    mkdirSync(join(directory, name));
    copyFileSync("/bin/mkdir", join(directory, name, "make"));
  }
  symlinkSync("s1", join(directory, "present"));
  symlinkSync("s2", join(directory, "alias"));
  const filters = Array.from({ length: 2000 }, (_, i) => `EXE == "${directory}/p${i}/make"`);
  filters[700] = `EXE startswith "${directory}/present/"`;
  filters[900] = `EXE == "${directory}/s1/make"`;
  filters[1000] = `EXE == "${directory}/s2/make"`;
  filters[1500] = `EXE in ("${directory}/none", "${directory}/alias/make")`;
  filters[1999] = `EXE matches "${directory}/s3/*"`;
  const rules = filters.map(
    (filter, i) => `rule { rule_name = r${i} syscall_name = mkdir
      filter_expression { UID == ${USER} && ${filter} } action { type = LOG } }`,
  );
  const { events } = await watch(rules.join("\n"), async () => {
    for (const name of ["s1", "s2", "s3", "s4"])
      await run([join(directory, name, "make"), join(directory, `of-${name}`)]);
  });
  assert.deepEqual(
    events.map(({ rule: name }) => name),
    ["r700", "r1000", "r1999"],
  );
});
