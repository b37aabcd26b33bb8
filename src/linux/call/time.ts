/** Clocks and timers. */
import { i386 } from "./notation.ts";
import type { CallFamily } from "./row.ts";

export const timeCalls: CallFamily = {
  time: { classes: ["@clock"], withoutKernel: "" },
  stime: { classes: ["@clock"] },
  gettimeofday: { classes: ["@clock"], withoutKernel: "" },
  settimeofday: { classes: ["@clock"], hooks: ["settime"] },
  adjtimex: { classes: ["@clock"] },
  clock_gettime: {
    classes: ["@clock"],
    twins: [i386("clock_gettime64", ["which_clock", "tp"])],
    withoutKernel: "",
  },
  clock_settime: {
    classes: ["@clock"],
    twins: [i386("clock_settime64", ["which_clock", "tp"])],
    hooks: ["settime"],
  },
  clock_adjtime: { classes: ["@clock"], twins: [i386("clock_adjtime64", ["which_clock", "utx"])] },
  clock_getres: {
    classes: ["@clock"],
    twins: [i386("clock_getres_time64", ["which_clock", "tp"])],
    withoutKernel: "",
  },
  clock_nanosleep: {
    twins: [i386("clock_nanosleep_time64", ["which_clock", "flags", "rqtp", "rmtp"])],
    means: { flags: "timer_flags" },
  },
  clock_gettime64: { aliasOf: "clock_gettime", withoutKernel: "" },
  clock_settime64: { aliasOf: "clock_settime", hooks: ["settime"] },
  clock_adjtime64: { aliasOf: "clock_adjtime" },
  clock_getres_time64: { aliasOf: "clock_getres", withoutKernel: "" },
  clock_nanosleep_time64: { aliasOf: "clock_nanosleep", means: { flags: "timer_flags" } },
  timer_gettime: { twins: [i386("timer_gettime64", ["timer_id", "setting"])] },
  timer_settime: {
    twins: [i386("timer_settime64", ["timer_id", "flags", "new_setting", "old_setting"])],
    means: { flags: "timer_flags" },
  },
  timer_gettime64: { aliasOf: "timer_gettime" },
  timer_settime64: { aliasOf: "timer_settime", means: { flags: "timer_flags" } },
  timerfd_create: {
    means: { flags: "timerfd_flags", clockid: "clockid" },
    hooks: ["file_alloc_security"],
  },
  timerfd_gettime: { twins: [i386("timerfd_gettime64", ["ufd", "otmr"])] },
  timerfd_settime: {
    twins: [i386("timerfd_settime64", ["ufd", "flags", "utmr", "otmr"])],
    means: { flags: "timerfd_settime_flags" },
  },
  timerfd_gettime64: { aliasOf: "timerfd_gettime" },
  timerfd_settime64: { aliasOf: "timerfd_settime", means: { flags: "timerfd_settime_flags" } },
  getitimer: { means: { which: "itimer" } },
  setitimer: { means: { which: "itimer" } },
};
