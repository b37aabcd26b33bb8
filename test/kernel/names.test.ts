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
