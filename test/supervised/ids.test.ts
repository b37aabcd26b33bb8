/** User ids that change by executing a program: rules look at those of now. */
import assert from "node:assert/strict";
import { logRule, mechanisms } from "./mechanisms.ts";
import { SCT, testAsEach } from "./sct.ts";

const ENOENT = 2;

/** Makes a call first, so that ids are known; then rmdir(1) makes it with others. */
const CALL = `import ctypes, os, threading
try: os.rmdir("/no/such")
except OSError as error: print(error.errno, flush=True)
def execute(): os.execv("/usr/bin/rmdir", ["rmdir", "/no/such"])
`;
/** The ids of one thread, which becomes the first of its process. */
const THREAD = `${CALL}
def run():
    ctypes.CDLL(None).syscall(117, 1000, 1000, 1000) # setresuid
    execute()
threading.Thread(target=run).start()
threading.Event().wait()`;
/** execve makes the effective id the saved one. */
const SAVED = `import os
os.setresuid(1000, 1000, 0)
${CALL}execute()`;

for (const by of mechanisms)
  testAsEach(`ids are those of now after execve, by ${by}`, (place, t) => {
    if (place.user.uid !== 0) return t.skip("only the superuser changes its ids");
    const expectFailed = (variable: string, script: string, before: string[] = []) => {
      const rules = `rule { syscall_name = rmdir filter_expression { ${variable} == 1000 }
        action { type = FAIL error_code = EBUSY } } ${logRule(by, "unlink")}`;
      const command = [SCT, "run", "-e", rules, "--", "/usr/bin/python3", "-c", script];
      const { stdout, stderr } = place.plain([...before, ...command]);
      assert.equal(stdout, `${ENOENT}\n`);
      assert.match(stderr, /Device or resource busy/);
    };
    expectFailed("UID", THREAD);
    expectFailed("SUID", SAVED);
    // as in many containers: set-uid programs gain nothing there, but ids change all the same
    expectFailed("SUID", SAVED, ["setpriv", "--bounding-set=-sys_admin"]);
  });
