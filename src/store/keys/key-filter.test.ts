import assert from "node:assert/strict";
import { test } from "node:test";
import { buildFilter, mayContain } from "./key-filter.ts";
import { KeySet } from "./key-set.ts";
import { hashNumber, hashText, KeyKind } from "./keys.ts";

test("mayContain() finds every value and few others", () => {
  for (const count of [0, 1, 7, 1000, 20_000]) {
    const keys = new KeySet();
    for (let n = 0; n < count; n++) keys.add(hashText(KeyKind.path, `/dir/file-${n}`));
    for (let n = 0; n < count; n++) keys.add(hashNumber(KeyKind.pid, n));
    const filter = buildFilter(keys, keys.size);
    for (let n = 0; n < count; n++) {
      assert.ok(mayContain(filter, hashText(KeyKind.path, `/dir/file-${n}`)));
      assert.ok(mayContain(filter, hashNumber(KeyKind.pid, n)));
    }
    let wrong = 0;
    for (let n = 0; n < 20_000; n++)
      if (mayContain(filter, hashText(KeyKind.comm, `/dir/file-${n}`))) wrong++;
    // 1 of 7,000 is meant; the hashes are fixed, so this never varies
    assert.ok(wrong <= 20, `${count}: ${wrong}`);
  }
});
