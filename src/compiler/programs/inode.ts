/**
 * Which device and inode number the kernel itself has for a file: stat(2) reports another pair on overlayfs and
 * on btrfs. Run by user space (BPF_PROG_TEST_RUN) in the process that has the file open, with the number of the
 * descriptor as only argument; attached nowhere.
 */
import { type Assembled, Assembler, R0, R1, R2, R3, R6, R7, R8, R10 } from "../../bpf/asm/index.ts";
import type { KernelFacts } from "../facts.ts";
import { IDENTITY_SIZE } from "../layout/identities.ts";
import { MapName } from "../layout/map-names.ts";

/** Entry 0 is the pair that the last run found; device 0: none. */
export const INODE_MAP = {
  name: MapName.inode,
  type: "array",
  valueSize: IDENTITY_SIZE,
  maxEntries: 1,
} as const;

const WORD = -8;

export function inodeProgram({ path }: KernelFacts): Assembled {
  const a = new Assembler("sct_inode");
  /** The pointer at `*r3` to r3. */
  const follow = (offset: number): void => {
    a.add(R3, offset).mov(R1, R10).add(R1, WORD).mov(R2, 8).call("bpf_probe_read_kernel");
    a.load("u64", R3, R10, WORD).jump("ne", R0, 0, "none").jump("eq", R3, 0, "none");
  };
  a.load("u64", R6, R1, 0).call("bpf_get_current_task_btf").mov(R7, R0);
  a.loadMapValue(R8, MapName.inode).store("u64", R8, 0, 0).store("u64", R8, 8, 0);
  a.load("u64", R3, R7, path.taskFiles).jump("eq", R3, 0, "none");
  follow(path.filesTable);
  follow(path.tableFiles);
  a.lsh(R6, 3).add(R3, R6);
  follow(0);
  follow(path.fileInode);
  a.mov(R6, R3).add(R3, path.inodeNumber);
  a.mov(R1, R8).add(R1, 8).mov(R2, 8).call("bpf_probe_read_kernel");
  a.mov(R3, R6);
  follow(path.inodeSuperBlock);
  // dev_t has 32 bits: the upper half stays 0
  a.add(R3, path.superBlockDevice).mov(R1, R8).mov(R2, 4).call("bpf_probe_read_kernel");
  return a.label("none").return(0).assemble({ tidy: true });
}
