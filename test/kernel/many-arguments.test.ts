/** Many rules on arguments and on the environment of programs, which share code. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { assertNoObjects } from "./bpf-objects.ts";
import { needsKernel } from "./needs.ts";
import { run, watch } from "./watching.ts";

after(assertNoObjects);

test("the first of many rules on arguments is reported", async (t) => {
  if (!needsKernel(t)) return;
  const filters = [
    (n: number) => `ARGV[1] == "sct-argument-${n}"`,
    (n: number) => `ENVP["SCT_MODE"] in ("m${n}", "n${n}") && UID == 0`,
  ];
  const rules = Array.from(
    { length: 2000 },
    (_, n) => `rule { rule_name = r${n} syscall_name = execve
      filter_expression { ${filters[n % 2]?.(n)} } action { type = LOG } }`,
  );
  const seen = await watch(rules.join("\n"), async () => {
    await run(["/bin/true", "sct-argument-1998"], { uid: 0 });
    await run(["/bin/true", "sct-argument-1997"], { uid: 0 });
    await run(["/usr/bin/env", "SCT_MODE=n1999", "/bin/true", "x"], { uid: 0 });
    await run(["/usr/bin/env", "SCT_MODE=m3", "/bin/true", "sct-argument-2"], { uid: 0 });
    await run(["/usr/bin/env", "SCT_MODE=m3", "/bin/true", "sct-argument-4"], { uid: 0 });
  });
  assert.deepEqual(
    seen.events.map(({ rule }) => rule),
    ["r1998", "r1999", "r2", "r3"],
  );
});
