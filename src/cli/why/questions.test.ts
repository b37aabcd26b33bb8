import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { askedSubject } from "./questions.ts";

const uses = (text: string): readonly string[] =>
  askedSubject(text).questions.map(({ use }) => use);

test("a file is asked about by the name that its links lead to, a folder without its contents", (t) => {
  const root = realpathSync(mkdtempSync(join(tmpdir(), "sct-why-")));
  t.after(() => rmSync(root, { recursive: true }));
  mkdirSync(join(root, "real"));
  writeFileSync(join(root, "real", "file"), "");
  symlinkSync("real", join(root, "link"));
  assert.equal(askedSubject(join(root, "link", "file")).name, join(root, "real", "file"));
  assert.equal(askedSubject(join(root, "link", "none", "x")).name, join(root, "real", "none", "x"));
  assert.deepEqual(uses(join(root, "link")), ["read", "names", "attributes"]);
  assert.deepEqual(uses(join(root, "none")), ["read", "write", "names", "execute", "attributes"]);
});

test("addresses, names of hosts and abstract sockets are not taken for files", () => {
  assert.deepEqual(
    ["10.0.0.1:443", "[::1]:22", "Example.ORG:80", "@bus", "/a:1"].map((text) => {
      const { kind, name } = askedSubject(text);
      return [kind, name];
    }),
    [
      ["address", "10.0.0.1:443"],
      ["address", "[::1]:22"],
      ["host", "example.org"],
      ["file", "@bus"],
      ["file", "/a:1"],
    ],
  );
  for (const wrong of ["", "::1", "1.2.3.4:65536", "0x7f.1:80"])
    assert.throws(() => askedSubject(wrong));
});

test("a hostile name stays one text of the rule language", () => {
  const [read] = askedSubject('/x") } rule { "').questions;
  assert.equal(read?.call, 'open("/x\\") } rule { \\"", O_RDONLY)');
});
