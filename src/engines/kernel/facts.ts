/** The compiler's facts from the type information of the running kernel. */
import { type Btf, readVmlinuxBtf } from "../../bpf/index.ts";
import type { KernelFacts } from "../../compiler/index.ts";
import { type ArgumentRegister, abis, archOf } from "../../linux/index.ts";
import { UnsupportedError } from "../../sys/index.ts";
import { type KernelStruct, VARIABLES, type VariableName } from "../../variables/index.ts";
import { callerFacts } from "./caller-facts.ts";

/** Throws UnsupportedError when the kernel has no BTF or lacks a member that is needed. */
export function readKernelFacts(btf: Btf = readVmlinuxBtf()): KernelFacts {
  const optional = (struct: string, member: string): number | undefined =>
    btf.memberOffset(struct, member)?.offset;
  const at = (struct: string, member: string): number => {
    const offset = optional(struct, member);
    if (offset === undefined) throw new UnsupportedError(`struct ${struct} with ${member}`, "5.11");
    return offset;
  };
  const namespaceNumber = optional("mnt_namespace", "seq") ?? optional("mnt_namespace", "ns.ns_id");
  const fdpath = optional("linux_binprm", "fdpath");
  const registers = [
    ...new Set<ArgumentRegister>(abis.flatMap((abi) => archOf(abi).argumentRegisters)),
  ];
  return {
    task: {
      status: at("task_struct", "thread_info.status"),
      pid: at("task_struct", "pid"),
      tgid: at("task_struct", "tgid"),
      comm: at("task_struct", "comm"),
      realParent: at("task_struct", "real_parent"),
      groupLeader: at("task_struct", "group_leader"),
      startBoottime:
        optional("task_struct", "start_boottime") ?? at("task_struct", "real_start_time"),
      cred: at("task_struct", "cred"),
      bpfStorage: at("task_struct", "bpf_storage"),
      flags: at("task_struct", "flags"),
    },
    variables: variableFacts(at, optional),
    ...callerFacts(btf),
    regs: {
      ...record<ArgumentRegister>(registers, (name) => at("pt_regs", name)),
      orig_ax: at("pt_regs", "orig_ax"),
      ax: at("pt_regs", "ax"),
      ip: at("pt_regs", "ip"),
      sp: at("pt_regs", "sp"),
    },
    binprm: {
      filename: at("linux_binprm", "filename"),
      interp: at("linux_binprm", "interp"),
      ...(fdpath === undefined ? {} : { fdpath }),
    },
    binprmFile: at("linux_binprm", "file"),
    path: {
      taskMm: at("task_struct", "mm"),
      mmExeFile: at("mm_struct", "exe_file"),
      mmArgStart: at("mm_struct", "arg_start"),
      mmArgEnd: at("mm_struct", "arg_end"),
      taskFs: at("task_struct", "fs"),
      fsPwd: at("fs_struct", "pwd"),
      filePath: at("file", "f_path"),
      fileFlags: at("file", "f_flags"),
      mountMnt: at("mount", "mnt"),
      mountParent: at("mount", "mnt_parent"),
      mountMountpoint: at("mount", "mnt_mountpoint"),
      mountNamespace: at("mount", "mnt_ns"),
      ...(namespaceNumber === undefined ? {} : { namespaceNumber }),
      vfsmountRoot: at("vfsmount", "mnt_root"),
      dentryParent: at("dentry", "d_parent"),
      dentryName: at("dentry", "d_name"),
      dentryInode: at("dentry", "d_inode"),
      dentrySuperBlock: at("dentry", "d_sb"),
      inodeNumber: at("inode", "i_ino"),
      inodeSuperBlock: at("inode", "i_sb"),
      superBlockDevice: at("super_block", "s_dev"),
      taskFiles: at("task_struct", "files"),
      filesTable: at("files_struct", "fdt"),
      tableFiles: at("fdtable", "fd"),
      tableSize: at("fdtable", "max_fds"),
      fileInode: at("file", "f_inode"),
    },
    open: openFileFacts(at, optional),
    pid: {
      ofTask: at("task_struct", "thread_pid"),
      level: at("pid", "level"),
      numbers: at("pid", "numbers"),
      inodePrivate: at("inode", "i_private"),
      filePrivate: at("file", "private_data"),
      superBlockMagic: at("super_block", "s_magic"),
    },
    ...unixFacts(optional),
  };
}

const STRUCTS: Readonly<Record<KernelStruct, string>> = {
  task: "task_struct",
  cred: "cred",
  parent: "task_struct",
  parentLeader: "task_struct",
};

type FindMember<T> = (struct: string, member: string) => T;

function variableFacts(
  at: FindMember<number>,
  optional: FindMember<number | undefined>,
): KernelFacts["variables"] {
  const found: Partial<Record<VariableName, number>> = {};
  for (const [name, { kernel }] of VARIABLES) {
    if (!("member" in kernel)) continue;
    const find = kernel.isOptional === true ? optional : at;
    const offset = find(STRUCTS[kernel.from], kernel.member);
    if (offset !== undefined) found[name] = offset;
  }
  return found;
}

function openFileFacts(
  at: FindMember<number>,
  optional: FindMember<number | undefined>,
): KernelFacts["open"] {
  const peerAddressV6 = optional("sock", "__sk_common.skc_v6_daddr");
  return {
    tableCloseOnExec: at("fdtable", "close_on_exec"),
    inodeMode: at("inode", "i_mode"),
    inodeDevice: at("inode", "i_rdev"),
    socketSk: at("socket", "sk"),
    family: at("sock", "__sk_common.skc_family"),
    state: at("sock", "__sk_common.skc_state"),
    peerPort: at("sock", "__sk_common.skc_dport"),
    peerAddress: at("sock", "__sk_common.skc_daddr"),
    ...(peerAddressV6 === undefined ? {} : { peerAddressV6 }),
  };
}

function unixFacts(
  offset: (struct: string, member: string) => number | undefined,
): Pick<KernelFacts, "unix"> {
  const members = {
    socketSk: offset("socket", "sk"),
    socketType: offset("socket", "type"),
    sockFamily: offset("sock", "__sk_common.skc_family"),
    path: offset("unix_sock", "path"),
    address: offset("unix_sock", "addr"),
    addressLength: offset("unix_address", "len"),
    addressName: offset("unix_address", "name"),
  };
  const isWhole = (found: typeof members): found is { [K in keyof typeof members]: number } =>
    Object.values(found).every((one) => one !== undefined);
  return isWhole(members) ? { unix: members } : {};
}

function record<K extends string>(
  keys: readonly K[],
  value: (key: K) => number,
): Record<K, number> {
  return Object.fromEntries(keys.map((key) => [key, value(key)])) as Record<K, number>;
}
