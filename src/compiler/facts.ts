/**
 * What the compiler must know of the running kernel: byte offsets of structure members, read from its BTF.
 * Plain numbers, so that the same facts always give the same program.
 */
import type { ArgumentRegister } from "../linux/index.ts";
import type { VariableName } from "../variables/index.ts";
export interface KernelFacts {
  readonly task: {
    /** thread_info.status: says which ABI its call has, see compatTest. */
    readonly status: number;
    readonly pid: number;
    readonly tgid: number;
    readonly comm: number;
    readonly realParent: number;
    readonly groupLeader: number;
    /** u64, ns of CLOCK_BOOTTIME; real_start_time before 5.5. */
    readonly startBoottime: number;
    readonly cred: number;
    readonly bpfStorage: number;
    /** PF_… bits. */
    readonly flags: number;
  };
  /** Members that variables are copied from, each in the struct that src/variables names; absent: this kernel has no such member. */
  readonly variables: Readonly<Partial<Record<VariableName, number>>>;
  /** The way to each variable that is a number behind pointers; absent: this kernel has no such members. */
  readonly walks: Readonly<Partial<Record<VariableName, readonly WalkStep[]>>>;
  /** What leads from a task to the names of its control groups; absent: this kernel has none. */
  readonly groups?: GroupFacts;
  /** struct pt_regs. */
  readonly regs: Readonly<Record<ArgumentRegister | "orig_ax" | "ax" | "ip" | "sp", number>>;
  /** struct linux_binprm. */
  readonly binprm: { readonly filename: number; readonly interp: number; readonly fdpath?: number };
  readonly binprmFile: number;
  /** What leads from a task or a file to names: see emit/path-walk.ts. */
  readonly path: {
    readonly taskMm: number;
    readonly mmExeFile: number;
    readonly mmArgStart: number;
    readonly mmArgEnd: number;
    readonly taskFs: number;
    readonly fsPwd: number;
    readonly filePath: number;
    readonly fileFlags: number;
    /** struct mount, which holds a struct vfsmount. */
    readonly mountMnt: number;
    readonly mountParent: number;
    readonly mountMountpoint: number;
    /** struct mnt_namespace *, and the u64 in it that is 0 where it has no name; absent: this kernel has it elsewhere. */
    readonly mountNamespace: number;
    readonly namespaceNumber?: number;
    readonly vfsmountRoot: number;
    readonly dentryParent: number;
    readonly dentryName: number;
    readonly dentryInode: number;
    readonly dentrySuperBlock: number;
    readonly inodeNumber: number;
    readonly inodeSuperBlock: number;
    readonly superBlockDevice: number;
    /** From a task to an open file and its inode, see emit/directory.ts and programs/inode.ts. */
    readonly taskFiles: number;
    readonly filesTable: number;
    readonly tableFiles: number;
    /** u32 */
    readonly tableSize: number;
    readonly fileInode: number;
  };
  /** What is known of open files and sockets: see emit/descriptor.ts. */
  readonly open: OpenFileFacts;
  /** What leads from a task or a pidfd to numbers of processes. */
  readonly pid: PidFacts;
  /** Absent where unix sockets are a module, of which the kernel has no types. */
  readonly unix?: UnixSocketFacts;
}

export interface OpenFileFacts {
  /** struct fdtable: bits, one for each descriptor. */
  readonly tableCloseOnExec: number;
  /** struct inode: u16, and u32 with 12 bits above 20. */
  readonly inodeMode: number;
  readonly inodeDevice: number;
  /** struct socket. */
  readonly socketSk: number;
  /** struct sock: u16, u8, u16 and 4 bytes in the order of the network. */
  readonly family: number;
  readonly state: number;
  readonly peerPort: number;
  readonly peerAddress: number;
  /** 16 bytes; absent: this kernel knows no IPv6. */
  readonly peerAddressV6?: number;
}

export interface PidFacts {
  /** task_struct.thread_pid. */
  readonly ofTask: number;
  /** struct pid: u32, and one struct upid for each level. */
  readonly level: number;
  readonly numbers: number;
  /** Of the inode of a pidfd, or before Linux 6.9 of its file: struct pid. */
  readonly inodePrivate: number;
  readonly filePrivate: number;
  readonly superBlockMagic: number;
}

/** To what is at `offset` of a struct; with `level` in an array there, whose last element is the one that this u32 of the struct says. */
export interface WalkStep {
  readonly offset: number;
  readonly level?: number;
  /** Bytes of an element. */
  readonly size?: number;
}

export interface GroupFacts {
  /** task_struct.cgroups. */
  readonly ofTask: number;
  /** struct css_set: the group in the unified hierarchy, and that of the first controller. */
  readonly unified: number;
  readonly controllers: number;
  /** cgroup_subsys_state.cgroup. */
  readonly ofController: number;
  /** struct cgroup. */
  readonly root: number;
  readonly node: number;
  /** struct kernfs_node. */
  readonly name: number;
  readonly parent: number;
}

/** What leads from a unix socket to its name (include/net/af_unix.h). */
export interface UnixSocketFacts {
  /** struct socket. */
  readonly socketSk: number;
  readonly socketType: number;
  /** struct sock. */
  readonly sockFamily: number;
  /** struct unix_sock, which begins with its struct sock: a struct path, and a struct unix_address *. */
  readonly path: number;
  readonly address: number;
  /** struct unix_address: bytes of the sockaddr_un, and where it begins. */
  readonly addressLength: number;
  readonly addressName: number;
}

/** PF_IO_WORKER and PF_KTHREAD of include/linux/sched.h. */
export const PF_IO_WORKER = 0x10;
export const PF_KTHREAD = 0x200000;
