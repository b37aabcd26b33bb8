/** Waiting for files, other threads and changes. */
import { futexTypes } from "../command/tasks.ts";
import { i386, set, timespecMs, via, wordsAt, x86_64 } from "./notation.ts";
import type { CallFamily } from "./row.ts";

export const waitingCalls: CallFamily = {
  select: {
    variants: [via("pselect6", ["n", "inp", "outp", "exp", "tsp"])],
    twins: [
      i386("select", wordsAt("arg", 5)),
      i386("_newselect", ["n", "inp", "outp", "exp", "tvp"]),
    ],
  },
  _newselect: { aliasOf: "select" },
  pselect6: { twins: [i386("pselect6_time64", ["n", "inp", "outp", "exp", "tsp", "sig"])] },
  pselect6_time64: { aliasOf: "pselect6" },
  poll: {
    variants: [
      x86_64("ppoll", ["ufds", "nfds", timespecMs("tsp", 8)]),
      i386("ppoll", ["ufds", "nfds", timespecMs("tsp", 4)]),
    ],
    ring: [],
    aio: true,
  },
  ppoll: {
    twins: [i386("ppoll_time64", ["ufds", "nfds", "tsp", "sigmask", "sigsetsize"])],
    aio: true,
  },
  ppoll_time64: { aliasOf: "ppoll" },
  // any size but 0 has meant the same since Linux 2.6.8
  epoll_create: { variants: [via("epoll_create1", [1n])], hooks: ["file_alloc_security"] },
  epoll_create1: { means: { flags: "epoll_flags" }, hooks: ["file_alloc_security"] },
  epoll_ctl: { means: { op: "epoll_op" }, ring: [] },
  epoll_wait: {
    variants: [
      via("epoll_pwait", ["epfd", "events", "maxevents", "timeout"]),
      via("epoll_pwait2", ["epfd", "events", "maxevents", timespecMs("timeout", 8)]),
    ],
    ring: [],
  },
  epoll_pwait: {
    variants: [
      via("epoll_pwait2", [
        ...["epfd", "events", "maxevents"],
        timespecMs("timeout", 8),
        ...["sigmask", "sigsetsize"],
      ]),
    ],
  },
  eventfd: { variants: [via("eventfd2", ["count"])], hooks: ["file_alloc_security"] },
  eventfd2: { means: { flags: "eventfd_flags" }, hooks: ["file_alloc_security"] },
  futex: {
    twins: [i386("futex_time64", ["uaddr", "op", "val", "utime", "uaddr2", "val3"])],
    means: { op: "futex_op" },
    typesBy: futexTypes,
    ring: [],
  },
  futex_time64: { aliasOf: "futex", means: { op: "futex_op" }, typesBy: futexTypes },
  futex_wait: { means: { flags: "futex2_flags", mask: "hex" } },
  futex_wake: { means: { flags: "futex2_flags", mask: "hex" } },
  inotify_init: { variants: [via("inotify_init1", [])], hooks: ["file_alloc_security"] },
  inotify_init1: { means: { flags: "inotify_flags" }, hooks: ["file_alloc_security"] },
  inotify_add_watch: {
    classes: ["@file"],
    means: { mask: "inotify_mask" },
    keepsLink: { pathname: [set("mask", "IN_DONT_FOLLOW")] },
    hooks: ["path_notify"],
  },
  fanotify_init: {
    means: { event_f_flags: "open_flags", flags: "fanotify_init_flags" },
    hooks: ["file_alloc_security"],
  },
  fanotify_mark: {
    classes: ["@file"],
    twins: [i386("fanotify_mark", ["fanotify_fd", "flags", "mask_lo", "dfd", "pathname"])],
    means: { flags: "fanotify_mark_flags", mask: "fanotify_mask" },
    keepsLink: { pathname: [set("flags", "FAN_MARK_DONT_FOLLOW")] },
    hooks: ["path_notify"],
  },
  userfaultfd: { means: { flags: "uffd_flags" }, hooks: ["file_alloc_security"] },
};
