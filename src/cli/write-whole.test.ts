import assert from "node:assert/strict";
import {
  chmodSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { InputError } from "./errors.ts";
import { writeWhole } from "./write-whole.ts";

test("writeWhole() makes a file, and keeps what one is that is there", (t) => {
  const folder = mkdtempSync(join(tmpdir(), "sct-whole-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const at = (name: string): string => join(folder, name);
  writeWhole(at("new"), "a");
  assert.equal(readFileSync(at("new"), "utf8"), "a");

  writeFileSync(at("own"), "long before");
  chmodSync(at("own"), 0o640);
  symlinkSync("own", at("link"));
  writeWhole(at("link"), "b");
  assert.equal(readFileSync(at("own"), "utf8"), "b");
  assert.ok(lstatSync(at("link")).isSymbolicLink());
  assert.equal(statSync(at("own")).mode & 0o7777, 0o640);

  assert.throws(() => writeWhole(at("no/file"), "c"), InputError);
  assert.throws(() => writeWhole(folder, "c"), InputError);
  assert.deepEqual(readdirSync(folder).toSorted(), ["link", "new", "own"]);
});

test("writeWhole() leaves a device in its place", () => {
  writeWhole("/dev/null", "a");
  assert.ok(lstatSync("/dev/null").isCharacterDevice());
});
