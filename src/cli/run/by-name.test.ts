/** What is kept of the names that a command asks for. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { NameCounts } from "./by-name.ts";

test("a command that asks for ever more names takes no more memory, and all are counted", () => {
  const counts = new NameCounts();
  for (let i = 0; i < 10_500; i++)
    counts.add({
      ...{ ts: "", way: "CONNECT", verdict: "denied", policy: "net", at: "net.conf:2" },
      ...{ host: `n${i}.example`, port: 443 },
    });
  const [line = ""] = counts.lines(new Set(["net"]));
  assert.match(line, /^net\.connect: 10500 connections denied: 1 n0\.example:443, /);
  assert.match(
    line,
    /, 9990 more names, 500 to names that were not kept; connect is at net\.conf:2$/,
  );
});
