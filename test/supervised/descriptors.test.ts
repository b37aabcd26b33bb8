/** What descriptors of a supervised command stand for: as the system says it, and as the kernel engine has it. */
import assert from "node:assert/strict";
import { realpathSync } from "node:fs";
import {
  assertDescriptors,
  assertFilters,
  assertLinks,
  DESCRIPTORS,
  descriptorRules,
  filterRules,
  linkRules,
  MAKE_LINK,
  READ_FILE,
} from "../programs/descriptors.ts";
import { logRule, mechanisms } from "./mechanisms.ts";
import { logLines, testAsEach } from "./sct.ts";

const PROGRAM = ["/usr/bin/python3", DESCRIPTORS];

testAsEach("each kind of file is what the system says of it", (place) => {
  const { stdout, stderr } = place.under(descriptorRules("1 == 1"), PROGRAM);
  assertDescriptors(stdout, logLines(stderr));
});

for (const by of mechanisms) {
  testAsEach(`filters decide on what descriptors stand for, by ${by}`, (place) => {
    const rules = `${filterRules("1 == 1")} ${logRule(by, "rmdir")}`;
    const { stdout, stderr } = place.under(rules, PROGRAM);
    assertFilters(stdout, logLines(stderr));
  });

  testAsEach(`a write is denied by the file that is open, by ${by}`, (place) => {
    const rules = `rule { syscall_name = write filter_expression { FD[1].path endswith "/forbidden" }
      action { type = FAIL error_code = EACCES } } ${logRule(by, "rmdir")}`;
    const script =
      "import os\n" +
      'for name in ("allowed", "forbidden"):\n' +
      "    fd = os.open(name, os.O_CREAT | os.O_WRONLY)\n" +
      "    try: print(name, os.write(os.dup(fd), b'x'))\n" +
      "    except OSError as error: print(name, error.errno)\n";
    const { stdout, stderr } = place.under(rules, ["/usr/bin/python3", "-c", script]);
    assert.equal(stdout, "allowed 1\nforbidden 13\n", stderr);
  });

  testAsEach(`names in rules mean the open file that they lead to, by ${by}`, (place) => {
    const directory = realpathSync(place.directory);
    place.plain(["/usr/bin/python3", "-c", MAKE_LINK]);
    const rules = `${linkRules(directory, "1 == 1")} ${logRule(by, "rmdir")}`;
    const { stderr } = place.under(rules, ["/usr/bin/python3", "-c", READ_FILE]);
    assertLinks(directory, logLines(stderr));
  });

  testAsEach(`what is sent without an address has none, by ${by}`, (place) => {
    const log = (name: string, filter: string): string =>
      `rule { rule_name = ${name} syscall_name = sendto continue = yes filter_expression { ${filter} }
        action { type = LOG log_format {${name} %param5.port %fd1.port} } }`;
    const rules = `${log("given", "PARAMS[5].port == 77")} ${log("connected", "FD[1].port == 77")} ${logRule(by, "rmdir")}`;
    const script =
      "import socket\n" +
      "one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n" +
      "try: one.sendto(b'x', ('127.0.0.1', 77))\nexcept OSError: pass\n" +
      "one.connect(('127.0.0.1', 77))\n" +
      "try: one.send(b'x')\nexcept OSError: pass\n";
    const { stderr } = place.under(rules, ["/usr/bin/python3", "-c", script]);
    assert.deepEqual(logLines(stderr), ["given 77 (none)", "connected (none) 77"], stderr);
  });
}
