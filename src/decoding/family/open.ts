/** Calls that open files, or give descriptors. */
import type { Decoding } from "../context.ts";
import { type DecodingFamily, input, output, type Piece } from "../piece.ts";
import { formatArray } from "../value/array.ts";
import { showFd } from "../value/descriptor.ts";
import { numberForm } from "../value/form.ts";
import { showInt, showMode, showUlong } from "../value/number.ts";
import { showStruct } from "../value/struct.ts";
import { showSymbols } from "../value/symbol.ts";

/** O_CREAT, and what O_TMPFILE is without O_DIRECTORY. */
const CREATES = 0o100n | 0o20000000n;

/** The mode counts only where a file is made. */
function modeOf(flags: number): Piece {
  return {
    ...input(showMode),
    shown: (call: Decoding) => (call.argument(flags) & CREATES) !== 0n,
  };
}

const fdForm = numberForm(4, showFd);
const pair = output((call, address) => formatArray(call, address, 2n, fdForm));
const result = showFd;

export const openDecoding: DecodingFamily = {
  open: { by: { mode: modeOf(1) }, result },
  openat: { by: { mode: modeOf(2) }, result },
  creat: { result },
  openat2: {
    by: { how: input(showStruct("open_how", "flags mode:mode resolve")), usize: input(showUlong) },
    result,
  },
  dup: { result },
  dup2: { result },
  dup3: { by: { flags: input(showSymbols("dup_flags", "O_???")) }, result },
  pipe: { by: { fildes: pair } },
  pipe2: { by: { fildes: pair, flags: input(showSymbols("pipe_flags", "O_???")) } },
  socketpair: { by: { usockvec: pair } },
  eventfd: { result },
  eventfd2: { result },
  memfd_create: { result },
  memfd_secret: { result },
  signalfd: { result },
  timerfd_create: { result },
  epoll_create: { by: { size: input(showInt) }, result },
  epoll_create1: { result },
  inotify_init: { result },
  inotify_init1: { result },
  fanotify_init: { result },
  userfaultfd: { result },
  pidfd_open: { result },
  pidfd_getfd: { result },
  open_tree: { result },
  fsopen: { result },
  fsmount: { result },
  fspick: { result },
  perf_event_open: { result },
  open_by_handle_at: { result },
  mq_open: { result },
  landlock_create_ruleset: { result },
  bpf: { result },
};
