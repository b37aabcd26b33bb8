import assert from "node:assert/strict";
import { test } from "node:test";
import { parseAnswer } from "./answer.ts";

const OFFERED = [
  { text: '"/a/b"', about: "" },
  { text: '"/a/**"', about: "" },
];

for (const [line, expected] of [
  ["n\n", { kind: "no", forRun: false }],
  ["No\n", { kind: "no", forRun: false }],
  ["N\n", { kind: "no", forRun: true }],
  ["never\n", { kind: "no", forRun: true }],
  ["o\n", { kind: "once" }],
  ["r\n", { kind: "entry", entry: '"/a/b"', lasts: "run" }],
  ["2 r\n", { kind: "entry", entry: '"/a/**"', lasts: "run" }],
  ["2f\n", { kind: "entry", entry: '"/a/**"', lasts: "ever" }],
  ['"/a/x y" s\n', { kind: "entry", entry: '"/a/x y"', lasts: "session" }],
] as const)
  test(`${JSON.stringify(line)} is an answer`, () => {
    assert.deepEqual(parseAnswer(line, OFFERED), expected);
  });

for (const line of ["\n", "y\n", "3 r\n", "0 r\n", "/a r\n", '" r\n', '"/a/x"\n', "a n\n"])
  test(`${JSON.stringify(line)} is none`, () => {
    assert.equal(parseAnswer(line, OFFERED), undefined);
  });
