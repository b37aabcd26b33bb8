/** SUSPEND without somebody to ask: the process stops before the call and `kill -CONT` lets it make it. */
import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { waitFor } from "../../src/sinks/testing/wait-for.ts";
import { logRule, mechanisms } from "./mechanisms.ts";
import { testAsEach } from "./sct.ts";

for (const by of mechanisms) {
  testAsEach(`SUSPEND stops before the call until SIGCONT, by ${by}`, async (place) => {
    const file = join(place.directory, "file");
    writeFileSync(file, "");
    const rules = `rule { rule_name = wait syscall_name = unlink
      action { type = LOG log_format {%params} } action { type = SUSPEND } } ${logRule(by, "rmdir")}`;
    const child = place.start(["-e", rules], ["rm", "-f", "file"]);
    const ended = new Promise((resolve) => child.on("exit", resolve));
    let reported = "";
    child.stderr.on("data", (piece) => {
      reported += piece;
    });
    const digits = await waitFor(
      "the report",
      () =>
        /rule 'wait' stopped process (\d+) before unlinkat\(-100, "file", 0\)/.exec(reported)?.[1],
    );
    const pid = Number(digits);
    await waitFor("the stop", () =>
      /^State:\tT/im.test(readFileSync(`/proc/${pid}/status`, "utf8")),
    );
    assert.ok(existsSync(file), "the call has not been made");
    process.kill(pid, "SIGCONT");
    assert.equal(await ended, 0);
    assert.ok(!existsSync(file), "it is made afterwards");
    assert.equal(reported.match(/^"file"$/gm)?.length, 1, "and reported once");
  });

  testAsEach(
    `what is printed of a suspended call cannot be forged by its names, by ${by}`,
    (place) => {
      const rules = `rule { rule_name = wait syscall_name = rmdir action { type = SUSPEND timeout = 100ms } } ${logRule(by, "unlink")}`;
      const name = 'a"): kill -CONT 1 \\ \n\x1b[31m';
      const { stderr } = place.under(rules, [
        "/usr/bin/python3",
        "-c",
        `import os\nos.rmdir(os.sys.argv[1])`,
        name,
      ]);
      assert.match(
        stderr,
        /^sct: rule 'wait' stopped process (\d+) before rmdir\("a\\"\): kill -CONT 1 \\\\ \\n\\33\[31m"\): kill -CONT \1 lets/,
      );
    },
  );

  testAsEach(`SUSPEND with a timeout continues by itself, by ${by}`, (place) => {
    writeFileSync(join(place.directory, "file"), "");
    const rules = `rule { syscall_name = unlink action { type = SUSPEND timeout = 300ms } } ${logRule(by, "rmdir")}`;
    const start = performance.now();
    const { status } = place.under(rules, ["rm", "-f", "file"]);
    assert.equal(status, 0);
    assert.ok(performance.now() - start >= 300);
    assert.ok(!existsSync(join(place.directory, "file")));
  });
}
