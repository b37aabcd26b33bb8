/** The table of rules on files, by each mechanism; the kernel engine plays the same one in a guest. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import {
  expectationOf,
  prepareRows,
  rowsFor,
  rulesOf,
  titled,
} from "../differential/file-rules.ts";
import { logRule, mechanisms } from "./mechanisms.ts";
import { testAsEach } from "./sct.ts";

for (const by of mechanisms)
  testAsEach(`every rule on files means what it says, by ${by}`, (place) => {
    const rows = rowsFor(place.user.uid === 0);
    const { prepare, program } = prepareRows(rows, place.directory);
    const prepared = place.plain(["sh", "-c", prepare]);
    assert.equal(prepared.status, 0, prepared.stderr);
    const rules = `${rulesOf(rows, place.directory)}\n${logRule(by, "acct")}`;
    const options = ["--json", "-o", "log", "-e", rules];
    const { stdout, stderr, status } = place.run(options, ["/usr/bin/python3", program]);
    assert.equal(status, 0, stderr);
    const results = JSON.parse(stdout);
    const events = readFileSync(join(place.directory, "log"), "utf8").split("\n");
    const count = (rule: string) =>
      events.filter((line) => line.includes(`"rule":"${rule}"`)).length;
    assert.deepEqual(
      { results: titled(rows, (rule) => results[rule]), matches: titled(rows, count) },
      expectationOf(rows),
    );
  });
