/** Inode number of the mount namespace. */
import { namespaceIn } from "./caller.ts";
import { type NumberVariable, u32 } from "./variable.ts";

export const MNTNS: NumberVariable = {
  type: u32,
  of: "caller",
  lies: "kernel",
  record: { in: "macro", bits: 32 },
  kept: false,
  proc: (caller) => namespaceIn(caller.link("ns/mnt")),
};
