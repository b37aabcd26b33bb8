/** PATH, EXE and CWD up to 4096 bytes are whole; of what is longer it is said, and a rule that denies does. */
import assert from "node:assert/strict";
import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { assertNoObjects } from "../kernel/bpf-objects.ts";
import { run, watch, workplace } from "../kernel/watching.ts";
import { needsGuest, place } from "./guest.ts";

after(assertNoObjects);

const LONGEST = 4096;
const PROGRAM = "deep-program";

/**
 * Goes down from argv[1] to a directory whose path, with "/" and a name, makes argv[2] bytes; there deletes a file of
 * that name and runs the program argv[3] under a name of the same length.
 */
const SCRIPT = `
import os, shutil, subprocess, sys
base, length, program = sys.argv[1], int(sys.argv[2]), sys.argv[3]
os.chdir(base)
left = length - len(base)
while left > 256:
    part = min(200, left - 1 - len("/${PROGRAM}"))
    os.mkdir("d" * part)
    os.chdir("d" * part)
    left -= part + 1
name = "f" * (left - 1)
open(name, "w").close()
try:
    os.unlink(name)
    print("deleted")
except OSError as error:
    print(os.strerror(error.errno))
shutil.copy(program, "p" * (left - 1))
print(subprocess.run(["./" + "p" * (left - 1), "native", "110"]).returncode)
`;

test("names of files of 4096 bytes are whole, longer ones are cut off, and denied all the same", async (t) => {
  if (!needsGuest(t)) return;
  const directory = place();
  const program = join(directory, PROGRAM);
  copyFileSync(workplace().calls64, program);
  const rules = `
    rule { rule_name = file syscall_name = unlink filter_expression { PATH startswith "${directory}/d" }
      action { type = LOG log_format {%path %cwd} } action { type = FAIL error_code = EACCES } }
    rule { rule_name = caller syscall_name = getppid filter_expression { EXE startswith "${directory}/d" && CWD startswith "${directory}/d" }
      action { type = LOG log_format {%exe %cwd} } }`;
  for (const length of [LONGEST, LONGEST + 1]) {
    const base = place();
    let output = "";
    const { events } = await watch(rules.replaceAll(directory, base), async () => {
      const command = ["python3", "-c", SCRIPT, base, String(length), program];
      output = (await run(["/usr/bin/env", ...command], { uid: 0 })).output;
    });
    assert.equal(output, "Permission denied\n0\n", String(length));
    assert.deepEqual(
      events.map(({ rule }) => rule),
      ["file", "caller"],
    );
    for (const { rule, path, exe, flags } of events) {
      const name = rule === "file" ? path : exe;
      const isWhole = length <= LONGEST;
      assert.equal(flags.includes("truncated"), !isWhole, `${rule} of ${length} bytes: ${flags}`);
      if (!isWhole) continue;
      assert.equal(name?.length, length);
      assert.ok(name?.startsWith(`${base}/ddd`) && /[fp]$/.test(name), String(name));
    }
  }
});
