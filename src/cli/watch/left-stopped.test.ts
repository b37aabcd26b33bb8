import assert from "node:assert/strict";
import { test } from "node:test";
import { describeStopped } from "./left-stopped.ts";

test("describeStopped() names processes, many of them by their number", () => {
  assert.equal(describeStopped([]), undefined);
  assert.equal(
    describeStopped([7]),
    "1 process stays stopped: PID 7; 'kill -CONT 7' lets it continue",
  );
  assert.equal(
    describeStopped([7, 8]),
    "2 processes stay stopped: PID 7, 8; 'kill -CONT PID' lets them continue",
  );
  const many = describeStopped(Array.from({ length: 25 }, (_, i) => i + 1));
  assert.match(many ?? "", /^25 processes stay stopped: PID 1, .* 20 and 5 more;/);
});
