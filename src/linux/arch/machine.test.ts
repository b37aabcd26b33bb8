/** What differs between ABIs is in this folder, and nobody else asks which one it is. */
import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { AUDIT_ARCH_I386, AUDIT_ARCH_X86_64 } from "../../sys/index.ts";
import { findCall } from "../calls.ts";
import { abis, archOf, byAbi, compatTest, isNative } from "./machine.ts";

const source = fileURLToPath(new URL("../../", import.meta.url));

/** Files outside of src/linux that name one, with the reason. */
const ALLOWED: ReadonlyMap<string, string> = new Map([
  ["language/vocabulary.ts", "the type itself"],
  ["cli/doctor/run.ts", "names of what Node runs on"],
]);

test("no other room names an ABI", () => {
  const files = globSync("**/*.ts", { cwd: source }).filter(
    (file) => !/\.test\.ts$|\/testing\/|^linux\//.test(file),
  );
  assert.ok(files.length > 500);
  const naming = files.filter((file) =>
    /"(?:x86_64|i386)"/.test(readFileSync(`${source}${file}`, "utf8")),
  );
  assert.deepEqual(naming.toSorted(), [...ALLOWED.keys()].toSorted());
});

test("ABIs are as the kernel knows them", () => {
  assert.deepEqual(
    byAbi((abi) => archOf(abi).auditArch),
    { x86_64: AUDIT_ARCH_X86_64, i386: AUDIT_ARCH_I386 },
  );
  assert.deepEqual(abis.map(isNative), [true, false]);
  assert.ok(isNative(compatTest.clear) && !isNative(compatTest.set));
  for (const abi of abis) {
    const { argumentRegisters, mapCall, symbolPrefix } = archOf(abi);
    assert.equal(new Set(argumentRegisters).size, 6);
    assert.equal(findCall(mapCall, abi)?.params.length, 6);
    assert.ok(findCall("openat", abi)?.symbol?.startsWith(symbolPrefix));
  }
});
