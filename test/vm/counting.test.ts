/** Counts by files, which security hooks know: where the kernel lets programs into them. */
import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { assertNoObjects } from "../kernel/bpf-objects.ts";
import { open, pump, workplace } from "../kernel/watching.ts";
import { needsGuest, place, shell } from "./guest.ts";

after(assertNoObjects);

const NO_EVENTS = { record: (): void => assert.fail("a rule that counts makes no events") };

test("calls are counted by the file that they reach, under each of its names", async (t) => {
  if (!needsGuest(t)) return;
  workplace();
  const directory = place();
  const file = join(directory, "d", "file");
  mkdirSync(join(directory, "d"));
  writeFileSync(file, "");
  const engine =
    open(`rule { syscall_name = open filter_expression { PATH startswith "${directory}/" }
    action { type = COUNT by PATH, COMM } }`);
  await pump(engine, NO_EVENTS, () =>
    shell(
      directory,
      `ln -s d link; for name in d/file ./d/../d/file link/file "$PWD/link/file"; do cat $name; done
       cat d/none; true`,
    ),
  );
  const [table] = await engine.counts();
  const rows = table?.rows.map(({ key, count }) => [
    ...key.map((part) => (part.is === "text" ? Buffer.from(part.bytes).toString() : part.is)),
    Number(count),
  ]);
  assert.deepEqual(rows, [[file, "cat", 4]]);
});
