/** Limits, priorities and scheduling. */
import { i386, none, via } from "./notation.ts";
import type { CallFamily } from "./row.ts";

export const limitsCalls: CallFamily = {
  getrlimit: {
    variants: [via("prlimit64", ["resource", "old_rlim"], none("new_rlim"))],
    twins: [i386("ugetrlimit", ["resource", "rlim"])],
  },
  ugetrlimit: { aliasOf: "getrlimit" },
  setrlimit: {
    variants: [via("prlimit64", ["resource", "new_rlim"], none("old_rlim"))],
    hooks: ["task_setrlimit"],
  },
  prlimit64: { hooks: ["task_prlimit", "task_setrlimit"], unhooked: "reading one's own limits" },
  getrusage: { means: { who: "rusage_who" } },
  nice: { hooks: ["task_setnice"] },
  getpriority: { means: { which: "priority_which" } },
  setpriority: { means: { which: "priority_which" }, hooks: ["task_setnice"] },
  ioprio_set: { means: { which: "ioprio_which", ioprio: "ioprio" } },
  ioprio_get: { means: { which: "ioprio_which" } },
  sched_setscheduler: { means: { policy: "sched_policy" }, hooks: ["task_setscheduler"] },
  sched_setparam: { hooks: ["task_setscheduler"] },
  sched_setattr: { hooks: ["task_setscheduler"] },
  sched_setaffinity: { hooks: ["task_setscheduler"] },
  sched_getscheduler: { hooks: ["task_getscheduler"] },
  sched_getparam: { hooks: ["task_getscheduler"] },
  sched_getattr: { hooks: ["task_getscheduler"] },
  sched_getaffinity: { hooks: ["task_getscheduler"] },
  sched_get_priority_max: { means: { policy: "sched_policy" } },
  sched_get_priority_min: { means: { policy: "sched_policy" } },
  sched_rr_get_interval: { twins: [i386("sched_rr_get_interval_time64", ["pid", "interval"])] },
  sched_rr_get_interval_time64: { aliasOf: "sched_rr_get_interval" },
};
