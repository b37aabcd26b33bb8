/** Policies look at the address of every message that one call sends. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { logRule, mechanisms } from "./mechanisms.ts";
import { testAsEach } from "./sct.ts";

const PROGRAM = join(import.meta.dirname, "../programs/messages.py");
const POLICY = `policy p { connect { "127.0.0.1:15353", "127.0.0.0/30:15354" } otherwise = FAIL EACCES }`;
const EACCES = 13;

/** The ports of the messages, `-`: without an address; and what the call gives. */
const ROWS: readonly (readonly [ports: readonly string[], result: number])[] = [
  [["-", "-"], 2],
  [["15353", "15354"], 2],
  [["-", "15354", "15353"], 3],
  [["15355"], -EACCES],
  [["15353", "15355"], -EACCES],
  [["-", "15355"], -EACCES],
  [["-", "-", "15353", "15355"], -EACCES],
];

for (const by of mechanisms)
  testAsEach(`no message of sendmmsg goes elsewhere, by ${by}`, (place) => {
    const script = ROWS.map(([ports]) => `python3 ${PROGRAM} ${ports.join(" ")}`).join("\n");
    const rules = `${POLICY} ${logRule(by, "rmdir")}`;
    const { stdout, stderr } = place.under(rules, ["sh", "-c", script]);
    assert.deepEqual(
      stdout.trim().split("\n").map(Number),
      ROWS.map(([, result]) => result),
      stderr,
    );
    const lines =
      stderr.match(/denied: sendmmsg to 127\.0\.0\.1 port 15355: not in connect/g) ?? [];
    assert.equal(lines.length, ROWS.filter(([, result]) => result < 0).length, stderr);
  });
