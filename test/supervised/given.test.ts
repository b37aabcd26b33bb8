/** What the command is given from before: rules must not be got around by it, or the user is warned. */
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { logRule, mechanisms } from "./mechanisms.ts";
import { SCT, testAsEach } from "./sct.ts";

/** Sets up a ring, makes it inheritable, and becomes the command that follows; N stands for the descriptor. */
const WITH_RING = `import ctypes, os, sys
libc = ctypes.CDLL(None, use_errno=True)
ring = libc.syscall(425, 2, ctypes.create_string_buffer(120))
if ring < 0: sys.exit(77)
os.set_inheritable(ring, True)
command = [one.replace("RING", str(ring)) for one in sys.argv[1:]]
os.execv(command[0], command)`;
const USE_RING = `import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
def tried(nr, *args):
    print("failed" if libc.syscall(nr, RING, *args) < 0 else "made", ctypes.get_errno())
tried(426, 0, 0, 0, 0, 0)
tried(427, 0, 0, 0)
print("open" if os.path.exists("/proc/self/fd/RING") else "closed")`;

for (const by of mechanisms) {
  const other = logRule(by, "rmdir");
  const deny = `rule { rule_name = x syscall_name = open filter_expression { PATH endswith "/precious" }
    action { type = FAIL error_code = EPERM } } ${other}`;

  testAsEach(
    `a ring of before is none for the command where rings are refused, by ${by}`,
    (place, t) => {
      const python = "/usr/bin/python3";
      const run = (rules: string) =>
        place.plain([
          python,
          "-c",
          WITH_RING,
          SCT,
          "run",
          "-e",
          rules,
          "--",
          python,
          "-c",
          USE_RING,
        ]);
      const { stdout, stderr, status } = run(deny);
      if (status === 77) return t.skip("no rings for this user");
      assert.equal(stdout, "failed 1\nfailed 1\nclosed\n");
      assert.match(
        stderr,
        /^sct: descriptor \d+ is kept from the command: rules such as 'x' cannot see what a ring does$/m,
      );
      assert.match(stderr, /^sct: io_uring_enter of process \d+ and all others fails with EPERM/m);
      // rules that only log take nothing away
      assert.match(run(other).stdout, /open\n$/);
    },
  );

  testAsEach(`a file that the command is given open is reported, by ${by}`, (place) => {
    const { directory } = place;
    writeFileSync(join(directory, "precious"), "");
    writeFileSync(join(directory, "other"), "");
    place.own(directory);
    const run = (redirection: string, rules: string) =>
      place.plain([
        "sh",
        "-c",
        `"$0" run -e "$1" -- sh -c 'echo written >&8' ${redirection}`,
        SCT,
        rules,
      ]);
    const reported = `sct: the command is given '${directory}/precious' open, as descriptor 8: rule 'x' has no say in what is done with that\n`;
    const { stderr, status } = run("8>>precious", deny);
    assert.equal(stderr, reported);
    assert.equal(status, 0);
    assert.equal(readFileSync(join(directory, "precious"), "utf8"), "written\n");
    const writing = deny.replace("PATH", "(PARAMS[2] & O_ACCMODE) != O_RDONLY && PATH");
    assert.equal(run("8>>precious", writing).stderr, reported);
    assert.doesNotMatch(run("8<precious", writing).stderr, /^sct:/m);
    assert.equal(run("8>>other", deny).stderr, "");
    assert.equal(run("8>>precious", deny.replace("FAIL error_code = EPERM", "LOG")).stderr, "");
  });
}
