/** What has no line is reported with its count. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { logRule, mechanisms } from "./mechanisms.ts";
import { logLines, testAsEach } from "./sct.ts";

const SIX = "for i in 1 2 3 4 5 6; do rmdir /no/such; done 2>/dev/null; exit 3";

for (const by of mechanisms) {
  const limited = logRule(by, "rmdir").replace(
    "syscall_name",
    "rule_name = few limit = 2/h syscall_name",
  );

  testAsEach(`what a limit holds back is reported at the end, by ${by}`, (place) => {
    const text = place.under(limited, ["sh", "-c", SIX]);
    assert.equal(text.status, 3);
    assert.equal(logLines(text.stderr).length, 2);
    assert.match(text.stderr, /^sct: few: 6 matched; 4 not reported because of the limit$/m);

    const json = place.run(["--json", "-e", limited], ["sh", "-c", SIX]);
    const events = logLines(json.stderr).map((line) => JSON.parse(line));
    assert.equal(events.length, 3, json.stderr);
    assert.deepEqual(events.at(-1).throttled, { total: 4, rules: { few: 4 } });
    assert.doesNotMatch(json.stderr, /sct:/);
  });

  testAsEach(`the first event after a gap says so, by ${by}`, (place) => {
    const rule = limited.replace("2/h", "1/s");
    const script = `from os import rmdir
from time import monotonic
end = monotonic() + 1.2
while monotonic() < end:
    try: rmdir("/no/such")
    except OSError: pass`;
    const { stderr } = place.run(["--json", "-e", rule], ["/usr/bin/python3", "-c", script]);
    const [first, second] = logLines(stderr).map((line) => JSON.parse(line));
    assert.deepEqual([first.flags, second.flags], [[], ["throttled"]]);
  });

  testAsEach(`what could not be read is reported at the end, by ${by}`, (place) => {
    const program = `import ctypes
ctypes.CDLL(None).syscall(84, 1)`;
    const rule = logRule(by, "rmdir").replace(
      "action",
      'filter_expression { PARAMS[1] == "x" } action',
    );
    const { stderr } = place.under(rule.replace("syscall_name", "rule_name = odd syscall_name"), [
      "/usr/bin/python3",
      "-c",
      program,
    ]);
    assert.match(stderr, /^sct: odd: 1 matched; 1 decided by on_unreadable$/m);
  });

  testAsEach(`lines that cannot be written are counted, by ${by}`, (place) => {
    for (const options of [[], ["--json"]]) {
      const { status, stderr } = place.run(
        [...options, "-o", "/dev/full", "-e", logRule(by, "rmdir")],
        ["sh", "-c", SIX],
      );
      assert.equal(status, 3);
      assert.equal(stderr, "sct: cannot write '/dev/full': ENOSPC; 6 lines lost\n");
    }
    const log = join(place.directory, "log");
    const { stderr } = place.run(["-o", log, "-e", logRule(by, "rmdir")], ["sh", "-c", SIX]);
    assert.equal(stderr, "");
    assert.equal(logLines(readFileSync(log, "utf8")).length, 6);
  });
}
