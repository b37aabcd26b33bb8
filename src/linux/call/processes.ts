/** Beginning, executing, ending and waiting for processes, and what they may take hold of. */

import { prctlTypes, ptraceTypes, seccompTypes } from "../command/tasks.ts";
import { clear, emptyPath, i386, memory, noFollow, via } from "./notation.ts";
import type { CallFamily } from "./row.ts";

const cloneFlags = memory("uargs", 0, 8);

export const processesCalls: CallFamily = {
  fork: {
    classes: ["@process"],
    variants: [
      via("vfork", []),
      via("clone", [], clear("clone_flags", "CLONE_THREAD")),
      via("clone3", [], clear(cloneFlags, "CLONE_THREAD")),
    ],
    hooks: ["task_alloc"],
    changes: ["tasks"],
  },
  vfork: { hooks: ["task_alloc"], changes: ["tasks"] },
  clone: {
    variants: [
      via("clone3", [
        cloneFlags,
        memory("uargs", 40, 8),
        memory("uargs", 24, 8),
        memory("uargs", 16, 8),
        memory("uargs", 56, 8),
      ]),
    ],
    means: { clone_flags: "clone_flags:u32", newsp: "address", tls: "hex" },
    hooks: ["task_alloc"],
    changes: ["tasks"],
    escapes: ["untraced-child"],
  },
  clone3: { hooks: ["task_alloc"], changes: ["tasks"] },
  execve: {
    classes: ["@file", "@exec", "@process"],
    variants: [via("execveat", ["filename", "argv", "envp"])],
    hooks: ["bprm_creds_for_exec"],
    changes: ["program"],
  },
  execveat: {
    means: { flags: "execveat_flags", fd: "dirfd" },
    keepsLink: { filename: noFollow("flags") },
    mayBeEmpty: { filename: emptyPath("flags") },
    hooks: ["bprm_creds_for_exec"],
    changes: ["program"],
  },
  exit: { classes: ["@process"], neverReturns: true },
  exit_group: { classes: ["@process"], neverReturns: true },
  wait4: {
    classes: ["@process"],
    twins: [i386("waitpid", ["pid", "stat_addr", "options", 0n])],
    means: { options: "wait_options" },
  },
  waitpid: { aliasOf: "wait4", means: { options: "wait_options" } },
  waitid: {
    classes: ["@process"],
    means: { options: "wait_options", which: "waitid_type", upid: "pid" },
    ring: [],
  },
  ptrace: {
    classes: ["@process"],
    means: { request: "ptrace_request", pid: "pid:s32", addr: "address", data: "hex" },
    typesBy: ptraceTypes,
    hooks: ["ptrace_access_check", "ptrace_traceme"],
    unhooked: "requests to a process that is traced already",
    escapes: ["traces"],
  },
  process_vm_writev: { escapes: ["holds-pid"] },
  // the descriptor is one of the other process, and says nothing of the caller's
  pidfd_getfd: { means: { fd: "foreign_fd" }, escapes: ["holds-pidfd"] },
  pidfd_open: { means: { flags: "pidfd_flags" }, hooks: ["file_alloc_security"] },
  kcmp: { means: { type: "kcmp_type" } },
  unshare: {
    classes: ["@process"],
    means: { unshare_flags: "namespace_flags" },
    changes: ["namespaces"],
  },
  setns: { classes: ["@process"], means: { flags: "namespace_flags" }, changes: ["namespaces"] },
  setpgid: { hooks: ["task_setpgid"] },
  prctl: {
    classes: ["@creds"],
    means: { option: "prctl_option" },
    typesBy: prctlTypes,
    hooks: ["task_prctl"],
    changes: ["exe", "cmdline"],
  },
  arch_prctl: { means: { option: "arch_prctl_option" } },
  seccomp: {
    means: { op: "seccomp_op", flags: "seccomp_flags" },
    typesBy: seccompTypes,
    escapes: ["listens"],
  },
  personality: { means: { personality: "personality" } },
  get_robust_list: { means: { pid: "pid" } },
  rseq: { means: { flags: "rseq_flags", sig: "hex" } },
  membarrier: { means: { cmd: "membarrier_cmd", flags: "membarrier_flags" } },
};
