/** A resident engine of a test's own, and what is in its ring. */
import assert from "node:assert/strict";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { loadingHere, probeMachine, ResidentEngine } from "../../src/engines/kernel/index.ts";
import { RecordReader } from "../../src/events/index.ts";
import { checked, run, USER, workplace } from "./watching.ts";

export const GETPPID = "110";
export const rule = (name: string): string =>
  `rule { syscall_name = getppid rule_name = ${name} filter_expression { UID == ${USER} } action { type = LOG } }`;

export const place = (t: TestContext) => {
  const runDir = mkdtempSync(join(tmpdir(), "sct-resident-"));
  const pinDir = `/sys/fs/bpf/sct-test-${process.pid}-${runDir.slice(-6)}`;
  t.after(() => {
    if (existsSync(pinDir)) ResidentEngine.open({ pinDir, runDir }).unload();
    rmSync(runDir, { recursive: true });
  });
  return { pinDir, runDir, ringBytes: 1 << 20, load };
};

/** A thread for each would take longer than all the rest. */
export const load = loadingHere(probeMachine());

/** Loops of a program of the test's own user. */
export const calls = (count: number): Promise<unknown> =>
  run([workplace().calls64, "loop", String(count), GETPPID]);

export async function replace(engine: ResidentEngine, text: string): Promise<void> {
  const result = await engine.replace(checked(text), text);
  assert.ok(result.ok);
}

/** Rule and sequence number of all that is in the ring; `keeps`: it stays there for the next reader. */
export function read(
  engine: ResidentEngine,
  keeps = false,
): { rule: string; seq: number; gen: number }[] {
  const bytes = new Uint8Array(engine.ring.size);
  const found = [];
  const reader = new RecordReader();
  for (let size = -1; size !== 0; ) {
    size = engine.ring.copyAvailable(bytes, 0, keeps);
    const view = new DataView(bytes.buffer);
    for (let at = 0; at < size; ) {
      const length = view.getUint32(at, true) & 0x3fffffff;
      reader.open(bytes, at + 8, length);
      const owner = engine.generations.find(
        ({ firstSite, sites }) =>
          reader.site >= firstSite && reader.site < firstSite + sites.length,
      );
      assert.ok(owner, `site ${reader.site} belongs to a generation`);
      const { name } = owner.sites[reader.site - owner.firstSite]?.rule ?? {};
      found.push({ rule: name ?? "", seq: reader.seq, gen: owner.generation });
      at += (length + 8 + 7) & ~7;
    }
  }
  return found;
}
