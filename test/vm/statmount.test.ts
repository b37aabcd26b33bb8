/** statmount(2) and listmount(2), which a security hook denies before they say anything. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { assertNoObjects } from "../kernel/bpf-objects.ts";
import { run, watch } from "../kernel/watching.ts";
import { mountDetails } from "../programs/mount-details.ts";
import { needsGuest } from "./guest.ts";

after(assertNoObjects);

const ENOSYS = 38;
const RULES = ["statmount", "listmount"].map(
  (name) => `rule { syscall_name = ${name} filter_expression { COMM == "perl" }
    action { type = LOG } action { type = FAIL error_code = EUCLEAN } }`,
);

for (const [i, denied] of ["statmount", "listmount"].entries())
  test(`FAIL of ${denied} gives the rule's errno`, async (t) => {
    if (!needsGuest(t)) return;
    const free = await run([...mountDetails], { uid: 0 });
    if (free.output.includes(`${ENOSYS}`)) return t.skip("this kernel has no such call");
    assert.equal(free.output, "listmount 0\nstatmount 0\n");
    let output = "";
    const { events } = await watch(RULES[i] ?? "", async () => {
      ({ output } = await run([...mountDetails], { uid: 0 }));
    });
    assert.ok(output.includes(`${denied} 117\n`), output);
    assert.equal(events.length, 1);
    assert.ok(events[0]?.flags.includes("call-skipped"), events[0]?.line);
  });
