/** Texts of links in /proc as names. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { nameOfLink } from "./deleted.ts";

test("nameOfLink() takes away what the kernel says, and leaves what a file is called", () => {
  const there: Readonly<Record<string, string>> = {
    "/a (deleted)": "1",
    "/b (deleted)": "2",
    "/memfd:x": "3",
  };
  const find = (name: string) => (there[name] === undefined ? undefined : { key: there[name] });
  for (const [text, key, name] of [
    ["/a", "1", "/a"],
    ["/a (deleted)", "1", "/a (deleted)"],
    ["/b (deleted)", "9", "/b"],
    ["/c (deleted)", "9", "/c"],
    ["/c (deleted) (deleted)", "9", "/c (deleted)"],
    ["/memfd:prog (deleted)", "9", "memfd:prog"],
    ["/memfd:x (deleted)", "9", "/memfd:x"],
    ["pipe:[1]", "9", "pipe:[1]"],
  ] as const)
    assert.equal(
      nameOfLink(text, () => ({ key }), find),
      name,
      text,
    );
});
