/** What events have of their caller beside ids: its arguments, and the directory that a name begins at. */
import assert from "node:assert/strict";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { assertNoObjects } from "./bpf-objects.ts";
import { run, USER, watch, workplace } from "./watching.ts";

after(assertNoObjects);

test("a line of rm -rf says which directory a name is in, and who calls", async () => {
  const { directory } = workplace();
  const deep = join(directory, "a", "b");
  mkdirSync(deep, { recursive: true, mode: 0o777 });
  writeFileSync(join(deep, "3"), "");
  for (const path of [directory, join(directory, "a"), deep]) chmodSync(path, 0o777);
  const rule = `rule { syscall_name = unlink filter_expression { UID == ${USER} }
    action { type = LOG } action { type = LOG log_format {%cmdline %dir} } }`;
  const { lines } = await watch(rule, () =>
    run(["/bin/rm", "-rf", join(directory, "a"), "", "x y"]),
  );
  const args = `["/bin/rm", "-rf", "${join(directory, "a")}", "", "x y"]`;
  assert.match(lines[0] ?? "", new RegExp(`unlink\\("3"\\) in "${deep}"$`));
  assert.equal(lines[1], `${args} "${deep}"`);
});
