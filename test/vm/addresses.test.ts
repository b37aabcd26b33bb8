/** Rules that act by members of the address of a socket decide on what the kernel has copied of it. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { assertNoObjects } from "../kernel/bpf-objects.ts";
import { run, watch } from "../kernel/watching.ts";
import { needsGuest, place, program, shell } from "./guest.ts";

after(assertNoObjects);

const ROUNDS = "500";

test("an address that another thread swaps never gets a socket connected to a forbidden one", async (t) => {
  if (!needsGuest(t)) return;
  const swap = program("swap-address");
  const rule = `rule { syscall_name = connect filter_expression { PARAMS[2].addr == 127.0.0.2 && COMM == "swap-address" }
    action { type = LOG log_format {%param2.addr} } action { type = FAIL error_code = EACCES } }`;
  const { counters, lines } = await watch(rule, async () => {
    const { code, output } = await run([swap, ROUNDS], { uid: 0 });
    t.diagnostic(output.trim());
    assert.equal(code, 0, "a socket was connected to the forbidden address");
  });
  assert.ok((counters.rules[0]?.matched ?? 0) > 0, "no attempt met the rule");
  // what was denied is what the line shows
  assert.deepEqual([...new Set(lines)], ["127.0.0.2"]);
});

test("connect and bind are denied by port, network, family and text of the address", async (t) => {
  if (!needsGuest(t)) return;
  const directory = place();
  const own = (call: string, filter: string): string =>
    `rule { syscall_name = ${call} filter_expression { COMM == "python3" && (${filter}) } action { type = LOG }
       action { type = FAIL error_code = EACCES } }`;
  const rules = [
    own("connect", "PARAMS[2].addr in (10.0.0.0/8, fe80::/10) || PARAMS[2].port == 7"),
    own("connect", `PARAMS[2].sun_path == "${directory}/x"`),
    own("bind", "PARAMS[2].sin_port == 7777"),
  ];
  const program = `import socket
def attempt(call, family, address):
    try: getattr(socket.socket(family, socket.SOCK_DGRAM), call)(address)
    except OSError as error: print(call, address, error.errno)
    else: print(call, address, 0)
inet, inet6, unix = socket.AF_INET, socket.AF_INET6, socket.AF_UNIX
attempt("connect", inet, ("10.1.2.3", 9))
attempt("connect", inet, ("127.0.0.1", 9))
attempt("connect", inet, ("127.0.0.1", 7))
attempt("connect", unix, "${directory}/x")
attempt("connect", unix, "${directory}/xx")
attempt("bind", inet, ("127.0.0.1", 7777))
attempt("bind", inet, ("127.0.0.1", 7778))`;
  await watch(rules.join("\n"), async () => {
    const output = await shell(directory, `exec /usr/bin/python3 -c '${program}'`);
    assert.deepEqual(output.trim().split("\n"), [
      "connect ('10.1.2.3', 9) 13",
      "connect ('127.0.0.1', 9) 0",
      "connect ('127.0.0.1', 7) 13",
      `connect ${directory}/x 13`,
      `connect ${directory}/xx 2`,
      "bind ('127.0.0.1', 7777) 13",
      "bind ('127.0.0.1', 7778) 0",
    ]);
  });
});
