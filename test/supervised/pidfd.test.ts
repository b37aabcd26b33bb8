/** Parameters that a variant of a call has in another form: a rule finds them all the same. */
import assert from "node:assert/strict";
import { logRule, mechanisms } from "./mechanisms.ts";
import { testAsEach } from "./sct.ts";

const SENDS = `import ctypes, os, time
libc = ctypes.CDLL(None, use_errno=True)
def child():
    pid = os.fork()
    if pid == 0: time.sleep(60)
    return pid
def tried(*arguments): print(ctypes.get_errno() if libc.syscall(*arguments) < 0 else 0)
tried(424, os.pidfd_open(os.getpid()), 0, 0, 0)
tried(62, os.getpid(), 0)
other = child()
tried(424, os.pidfd_open(other), 0, 0, 0)
tried(424, os.pidfd_open(other), 9, 0, 0)
tried(271, 0, 0, (ctypes.c_long * 2)(0, 7000000), 0, 8)
tried(271, 0, 0, (ctypes.c_long * 2)(0, 1000000), 0, 8)`;

for (const by of mechanisms)
  testAsEach(`the process of a pidfd, and a time in a struct, are found, by ${by}`, (place) => {
    const rules = `rule { syscall_name = kill filter_expression { PARAMS[1] == PID }
        action { type = FAIL error_code = EUCLEAN } }
      rule { syscall_name = poll filter_expression { PARAMS[3] == 7 }
        action { type = FAIL error_code = EUCLEAN } } ${logRule(by, "acct")}`;
    const { stdout, stderr } = place.under(rules, ["/usr/bin/python3", "-c", SENDS]);
    assert.equal(stdout, "117\n117\n0\n0\n117\n0\n", stderr);
  });
