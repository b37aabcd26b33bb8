/** Which files the literal paths of rules mean, as the kernel counts them. Attaches nothing. */
import assert from "node:assert/strict";
import {
  linkSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { openMap } from "../../src/bpf/index.ts";
import { IDENTITIES_OF_PATH, identitiesContent } from "../../src/compiler/index.ts";
import { readKernelFacts } from "../../src/engines/kernel/facts.ts";
import { Identities } from "../../src/engines/kernel/identities.ts";
import { atOnce } from "../../src/engines/names/index.ts";
import { assertNoObjects } from "./bpf-objects.ts";
import { needsKernel } from "./needs.ts";

after(assertNoObjects);

/** Bytes of a pair: u64 device, u64 inode number. */
const IDENTITY_SIZE = 16;

const directory = mkdtempSync(join(tmpdir(), "sct-identities-"));
after(() => rmSync(directory, { recursive: true, force: true }));

/** Runs `body` with what gives the inode numbers known of a path, in order, and waits for those that are expected. */
async function identify(
  path: string,
  body: (expect: (inodes: readonly bigint[]) => Promise<void>) => Promise<void>,
): Promise<void> {
  const valueSize = identitiesContent([[]]).length;
  using map = openMap({ name: "sct_identities", type: "array", valueSize, maxEntries: 1 });
  const identities = new Identities(map, [path], readKernelFacts());
  atOnce(identities.learn());
  try {
    const known = (): bigint[] => {
      const value = Buffer.from(map.lookup(0) ?? []);
      const pairs = Array.from({ length: IDENTITIES_OF_PATH }, (_, i) => i * IDENTITY_SIZE);
      const used = pairs.filter((at) => value.readBigUInt64LE(at) !== 0n);
      return used.map((at) => value.readBigUInt64LE(at + 8));
    };
    await body(async (inodes) => {
      const deadline = performance.now() + 30_000;
      while (performance.now() < deadline && String(known()) !== String(inodes))
        await new Promise((resolve) => setTimeout(resolve, 5));
      assert.deepEqual(known(), inodes);
    });
  } finally {
    identities.close();
  }
}

function make(name: string): { path: string; inode: bigint } {
  const path = join(directory, name);
  writeFileSync(path, "");
  return { path, inode: statSync(path, { bigint: true }).ino };
}

test("Identities keeps a file that was moved away until it is gone", async (t) => {
  if (!needsKernel(t)) return;
  mkdirSync(join(directory, "sub"));
  const { path, inode } = make("sub/file");
  await identify(path, async (expect) => {
    await expect([inode]);
    renameSync(join(directory, "sub"), join(directory, "sub2"));
    mkdirSync(join(directory, "sub"));
    const other = make("sub/file");
    await expect([inode, other.inode]);
    linkSync(join(directory, "sub2/file"), join(directory, "sub2/link"));
    unlinkSync(join(directory, "sub2/file"));
    unlinkSync(other.path);
    await expect([inode]);
    unlinkSync(join(directory, "sub2/link"));
    await expect([]);
  });
});

test("Identities does not give up the first file for many others", async (t) => {
  if (!needsKernel(t)) return;
  const { path, inode } = make("first");
  await identify(path, async (expect) => {
    const others: bigint[] = [];
    for (let i = 0; i < IDENTITIES_OF_PATH + 1; i++) {
      renameSync(path, join(directory, `moved${i}`));
      others.push(make("first").inode);
      await expect([inode, ...others.slice(1 - IDENTITIES_OF_PATH)]);
    }
    renameSync(path, join(directory, "last"));
    renameSync(join(directory, "moved0"), path);
    unlinkSync(join(directory, "last"));
    others.pop();
    await expect([inode, ...others.slice(2 - IDENTITIES_OF_PATH)]);
  });
});

test("Identities ends nothing where the map cannot be written, and says so", async (t) => {
  if (!needsKernel(t)) return;
  const { path } = make("unwritten");
  const valueSize = identitiesContent([[]]).length;
  using map = openMap({ name: "sct_identities", type: "array", valueSize, maxEntries: 1 });
  const identities = new Identities(map, [path], readKernelFacts());
  atOnce(identities.learn());
  try {
    assert.equal(identities.problem, undefined);
    map.freeze();
    renameSync(make("other").path, path);
    const deadline = performance.now() + 30_000;
    while (identities.problem === undefined && performance.now() < deadline)
      await new Promise((resolve) => setTimeout(resolve, 5));
    assert.match(identities.problem ?? "", /are not known: .*; it is tried again every second$/);
  } finally {
    identities.close();
  }
});
