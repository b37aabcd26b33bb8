/** The table of rules on files in the kernel engine; `sct run` plays the same one on the host. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import {
  expectationOf,
  prepareRows,
  rowsForKernel,
  rulesOf,
  titled,
} from "../differential/file-rules.ts";
import { assertNoObjects } from "../kernel/bpf-objects.ts";
import { run, watch } from "../kernel/watching.ts";
import { needsGuest, place, shell } from "./guest.ts";

after(assertNoObjects);

/** More rules on `rename` than this, which literal paths add, are more than the verifier follows. */
const ROWS_AT_A_TIME = 8;

const all = rowsForKernel();
for (let first = 0; first < all.length; first += ROWS_AT_A_TIME)
  test(`every rule on files means what it says, from ${first} on`, async (t) => {
    if (!needsGuest(t)) return;
    const base = place();
    const rows = all.slice(first, first + ROWS_AT_A_TIME);
    const { prepare, program } = prepareRows(rows, base);
    assert.equal(await shell(base, prepare), "");
    let output = "";
    const { counters } = await watch(rulesOf(rows, base), async () => {
      ({ output } = await run(["/usr/bin/python3", program], { uid: 0 }));
    });
    const results = JSON.parse(output);
    const matched = (rule: string) =>
      counters.rules.find((counts) => counts.rule === rule)?.matched ?? 0;
    assert.deepEqual(
      { results: titled(rows, (rule) => results[rule]), matches: titled(rows, matched) },
      expectationOf(rows),
    );
  });
