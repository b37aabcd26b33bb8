import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { Btf } from "./btf.ts";

/** Offsets read by another program, those of cred, file and nsproxy checked with pahole; in the order of KERNELS. */
const KERNELS = ["6.1", "6.12", "6.18"] as const;
const OFFSETS: readonly (readonly [struct: string, path: string, ...offsets: number[]])[] = [
  ["task_struct", "thread_info.status", 16, 16, 16],
  ["task_struct", "pid", 2416, 2432, 1264],
  ["task_struct", "tgid", 2420, 2436, 1268],
  ["task_struct", "comm", 2976, 2976, 1752],
  ["task_struct", "real_parent", 2432, 2448, 1280],
  ["task_struct", "group_leader", 2480, 2496, 1328],
  ["task_struct", "cred", 2960, 2960, 1736],
  ["task_struct", "nsproxy", 3064, 3064, 1840],
  ["task_struct", "cgroups", 3600, 3584, 2376],
  ["cred", "uid", 8, 8, 8],
  ["cred", "fsuid", 32, 32, 32],
  ["css_set", "dfl_cgrp", 128, 128, 112],
  ["cgroup", "kn", 248, 256, 256],
  ["kernfs_node", "id", 104, 96, 96],
  ["file", "f_path.mnt", 16, 64, 64],
  ["file", "f_path.dentry", 24, 72, 72],
  ["mnt_namespace", "ns.inum", 16, 16, 24],
  ["pt_regs", "orig_ax", 120, 120, 120],
];

for (const [n, kernel] of KERNELS.entries()) {
  test(`memberOffset() in Linux ${kernel}`, () => {
    const path = new URL(`../../../test/fixtures/btf/${kernel}.btf`, import.meta.url);
    const btf = new Btf(readFileSync(path));
    for (const [struct, member, ...offsets] of OFFSETS)
      assert.equal(btf.memberOffset(struct, member)?.offset, offsets[n], `${struct}.${member}`);
    assert.equal(btf.memberOffset("task_struct", "sched_reset_on_fork")?.bitfield?.bits, 1);
    assert.equal(btf.structSize("pt_regs"), 168);
  });
}
