/** The machine: modules, other kernels, names, programs in the kernel, keys, security. */
import { bpfTypes, keyctlTypes, landlockTypes } from "../command/machine.ts";
import { i386, undecided, via } from "./notation.ts";
import type { CallFamily } from "./row.ts";

/** finit_module and kexec_file_load read what the others get in memory. */
const A_FILE = undecided("a descriptor of the module's file");
const FILES = undecided("descriptors of the kernel's files");

export const machineCalls: CallFamily = {
  init_module: {
    classes: ["@module"],
    variants: [via("finit_module", [A_FILE, A_FILE, "uargs"])],
    means: { uargs: "string", umod: "buffer:len" },
    hooks: ["kernel_load_data"],
  },
  finit_module: {
    classes: ["@module"],
    means: { uargs: "string", flags: "module_flags" },
    hooks: ["kernel_read_file"],
  },
  delete_module: { classes: ["@module"], means: { flags: "delete_module_flags" } },
  create_module: { classes: ["@module"], means: { name: "string" } },
  query_module: { classes: ["@module"], means: { name: "string", buf: "buffer:bufsize" } },
  kexec_load: {
    classes: ["@module"],
    variants: [via("kexec_file_load", [FILES, FILES, FILES, "flags"])],
    means: { flags: "kexec_flags", entry: "address" },
    hooks: ["kernel_load_data"],
  },
  kexec_file_load: {
    classes: ["@module"],
    means: { cmdline_ptr: "buffer:cmdline_len", flags: "kexec_file_flags" },
  },
  reboot: { means: { cmd: "reboot_cmd", magic1: "reboot_magic", magic2: "reboot_magic" } },
  syslog: { means: { buf: "filled:len", type: "syslog_action" }, hooks: ["syslog"] },
  uname: { twins: [i386("olduname", ["name"]), i386("oldolduname", ["name"])] },
  olduname: { aliasOf: "uname" },
  oldolduname: { aliasOf: "uname" },
  sethostname: { means: { name: "buffer:len" } },
  setdomainname: { means: { name: "buffer:len" } },
  bpf: { means: { cmd: "bpf_cmd" }, typesBy: bpfTypes, hooks: ["bpf"] },
  perf_event_open: { means: { flags: "perf_flags" }, hooks: ["perf_event_open"] },
  add_key: { means: { _payload: "buffer:plen" } },
  keyctl: {
    means: { option: "keyctl_option" },
    typesBy: keyctlTypes,
    hooks: ["key_permission"],
  },
  landlock_create_ruleset: { means: { flags: "landlock_flags" } },
  landlock_add_rule: { means: { rule_type: "landlock_rule" }, typesBy: landlockTypes },
  lsm_get_self_attr: { means: { attr: "lsm_attr", flags: "lsm_flags" } },
  lsm_set_self_attr: { means: { attr: "lsm_attr" } },
  getrandom: {
    means: { ubuf: "filled:len", flags: "getrandom_flags" },
    withoutKernel: "since Linux 6.11 and glibc 2.41",
  },
  getcpu: { withoutKernel: "" },
};
