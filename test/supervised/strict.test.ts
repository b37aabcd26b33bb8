/** Strict seccomp is refused by the kernel beside a filter, and sct says why. */
import assert from "node:assert/strict";
import { logRule, mechanisms } from "./mechanisms.ts";
import { testAsEach } from "./sct.ts";

/** prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT), seccomp(SECCOMP_SET_MODE_STRICT), and requests that are none. */
const ASKS = `import ctypes
libc = ctypes.CDLL(None, use_errno=True)
def tried(*arguments): print(ctypes.get_errno() if libc.syscall(*arguments) < 0 else 0)
tried(157, 21, 0, 0, 0, 0)
ASK`;
const STRICT = ["tried(157, 22, 1, 0, 0, 0)", "tried(317, 0, 0, 0)"];

for (const by of mechanisms)
  testAsEach(
    `a program that asks for strict seccomp is refused, and reported once, by ${by}`,
    (place) => {
      const under = (ask: string) =>
        place.under(logRule(by, "acct"), ["/usr/bin/python3", "-c", ASKS.replace("ASK", ask)]);
      for (const [i, ask] of STRICT.entries()) {
        const { stdout, stderr } = under(`${ask}\n${ask}`);
        assert.equal(stdout, "0\n22\n22\n", stderr);
        const name = ["prctl", "seccomp"][i];
        assert.equal(stderr.match(/strict seccomp/g)?.length, 1, stderr);
        assert.match(
          stderr,
          new RegExp(`^sct: ${name} of process \\d+ and all others fails with EINVAL`),
        );
      }
      // filters of the program's own are no business of ours
      assert.doesNotMatch(under("tried(157, 22, 3, 0, 0, 0)").stderr, /strict/);
    },
  );
