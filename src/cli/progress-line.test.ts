import assert from "node:assert/strict";
import { test } from "node:test";
import { loadingText } from "./loading-text.ts";
import { ProgressLine } from "./progress-line.ts";

function fakeStream(isTTY: boolean) {
  const written: string[] = [];
  return { isTTY, written, write: (text: string) => written.push(text) };
}

test("ProgressLine shows what lasts on a terminal, and leaves nothing behind", (t) => {
  t.mock.timers.enable({ apis: ["setInterval"] });
  let nowMs = 0;
  t.mock.method(performance, "now", () => nowMs);
  const stream = fakeStream(true);
  let text = "a";
  const line = new ProgressLine(() => text, stream);
  t.mock.timers.tick(250);
  assert.deepEqual(stream.written, []);
  nowMs = 1500;
  t.mock.timers.tick(250);
  text = "b";
  nowMs = 2500;
  t.mock.timers.tick(250);
  line.end();
  t.mock.timers.tick(1000);
  assert.deepEqual(stream.written, ["\r\x1b[Ka, 1s", "\r\x1b[Kb, 2s", "\r\x1b[K"]);
});

test("ProgressLine writes nothing where there is no terminal, nor of what is over soon", (t) => {
  t.mock.timers.enable({ apis: ["setInterval"] });
  let nowMs = 0;
  t.mock.method(performance, "now", () => nowMs);
  const pipe = fakeStream(false);
  const terminal = fakeStream(true);
  const lines = [new ProgressLine(() => "a", pipe), new ProgressLine(() => "a", terminal)];
  nowMs = 900;
  t.mock.timers.tick(900);
  for (const line of lines) line.end();
  assert.deepEqual([pipe.written, terminal.written], [[], []]);
});

test("loadingText() counts programs from one", () => {
  const at = (stage: "compiling" | "verifying" | "attaching", done: number): string =>
    loadingText(2, { stage, done, total: 3 });
  assert.deepEqual(
    [loadingText(1, undefined), at("compiling", 0), at("verifying", 0), at("attaching", 2)],
    [
      "loading 1 rule",
      "loading 2 rules: compiling",
      "loading 2 rules: the kernel verifies program 1 of 3",
      "loading 2 rules: attaching program 3 of 3",
    ],
  );
});
