/**
 * Operations of io_uring (include/uapi/linux/io_uring.h, IORING_OP_*, as of Linux 6.12). They pass no entry of a call; some
 * reach a security hook from io_uring_enter or from a worker thread of the process.
 */
import { S_IFMT } from "../../base/linux-abi.ts";
import type { HookName } from "../hook/rows.ts";

/** A hook that an operation reaches, and what distinguishes it from others there. */
export interface RingUse {
  readonly hook: HookName;
  /** A register argument that guards of the call ask for. */
  readonly argument?: readonly [index: number, value: number];
  /** An argument of the hook must have a bit of the mask, or be the value under it. */
  readonly when?: { readonly at: number; readonly mask: number; readonly value?: number };
}

/** MAY_READ and MAY_WRITE of include/linux/fs.h, as file_permission gets them; a splice is a read and a write to it. */
export const READING: RingUse["when"] & {} = { at: 1, mask: 4 };
export const WRITING: RingUse["when"] & {} = { at: 1, mask: 2 };

/** The mode that path_mknod gets. */
export function kindOfFile(value: number): RingUse["when"] & {} {
  return { at: 2, mask: S_IFMT, value };
}
