/** Inode number of the mount namespace. */
import { namespaceIn } from "./caller.ts";
import { type NumberVariable, u32 } from "./variable.ts";

export const MNTNS: NumberVariable = {
  type: u32,
  of: "caller",
  lies: "kernel",
  record: { in: "macro", bits: 32 },
  kernel: {
    from: "walk",
    steps: [
      { struct: "task_struct", member: "nsproxy" },
      { struct: "nsproxy", member: "mnt_ns" },
      { struct: "mnt_namespace", member: "ns.inum" },
    ],
  },
  kept: false,
  proc: (caller) => namespaceIn(caller.link("ns/mnt")),
};
