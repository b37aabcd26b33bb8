/** Live BPF objects of this process, to prove that tests leave none behind. */
import assert from "node:assert/strict";
import { readdirSync, readlinkSync } from "node:fs";

/** What the descriptors of this process that belong to BPF point to. */
function bpfObjects(): string[] {
  return readdirSync("/proc/self/fd").flatMap((fd) => {
    try {
      const target = readlinkSync(`/proc/self/fd/${fd}`);
      return target.includes("bpf") ? [target] : [];
    } catch {
      return []; // the descriptor of this very listing
    }
  });
}

/** Fails when a BPF descriptor is open. */
export function assertNoObjects(): void {
  assert.deepEqual(bpfObjects(), []);
}
