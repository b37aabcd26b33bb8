import assert from "node:assert/strict";
import { test } from "node:test";
import { type Frame, RateTable, reorder } from "../../views/index.ts";
import { frameLines } from "./frame-lines.ts";

const row = (name: string, rate: number, total: number) => ({ name, rate, total });
const frame: Frame = {
  ts: "2026-11-23T15:00:00.000Z",
  seconds: 1,
  order: "rate",
  isPaused: false,
  unseen: 0,
  rules: [{ ...row("r", 12, 30), limited: 0, lost: 4 }],
  processes: [row("1 a", 9, 10), row("2 b", 3, 20)],
  paths: [row("/x\x1b[2J\n\u202ey", 1, 1)],
};

test("frameLines() fits every size, and lets no name drive the terminal", () => {
  for (let rows = 1; rows < 20; rows++) {
    for (const columns of [1, 10, 80]) {
      const lines = frameLines(frame, columns, rows);
      assert.ok(lines.length <= rows);
      for (const line of lines) assert.match(line, new RegExp(`^[ -~]{0,${columns}}$`));
    }
  }
  const text = frameLines(frame, 80, 24).join("\n");
  assert.match(text, /4 lost/);
  assert.ok(text.includes("/x\\u{1b}[2J\\u{a}\\u{202e}y"));
});

test("reorder() sorts by the other number", () => {
  const names = reorder({ ...frame, order: "total" }).processes.map(({ name }) => name);
  assert.deepEqual(names, ["2 b", "1 a"]);
});

test("Tally counts, and forgets the rarest of too many names", () => {
  const tally = new RateTable();
  for (let i = 0; i < 5; i++) tally.add("often");
  for (let i = 0; i < 30_000; i++) tally.add(`name ${i}`);
  const rows = tally.take(2, "total", 3);
  assert.deepEqual(rows[0], { name: "often", rate: 2.5, total: 5 });
  assert.equal(rows.length, 3);
  assert.ok(tally.forgotten > 0);
  assert.equal(tally.take(1, "total", 1)[0]?.rate, 0);
});

test("frameLines() names keys only where they are read", () => {
  assert.match(frameLines(frame, 80, 24)[0] ?? "", /q quit/);
  assert.doesNotMatch(frameLines(frame, 80, 24, false)[0] ?? "", /quit/);
});
