/** Operations that a process leaves to the kernel: io_uring and asynchronous I/O. */
import { ringTypes } from "../command/machine.ts";
import { i386 } from "./notation.ts";
import type { CallFamily } from "./row.ts";

export const ringsCalls: CallFamily = {
  io_uring_setup: { hooks: ["file_alloc_security"], escapes: ["sets-up-ring"] },
  io_uring_enter: { means: { flags: "uring_enter_flags" }, escapes: ["uses-ring"] },
  io_uring_register: {
    means: { opcode: "uring_opcode" },
    typesBy: ringTypes,
    escapes: ["uses-ring"],
  },
  io_setup: { escapes: ["sets-up-aio"] },
  io_pgetevents: {
    twins: [i386("io_pgetevents_time64", ["ctx_id", "min_nr", "nr", "events", "timeout", "usig"])],
  },
  io_pgetevents_time64: { aliasOf: "io_pgetevents" },
};
