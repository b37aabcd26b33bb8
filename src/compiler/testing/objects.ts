/** Kernel objects in an interpreter's memory, laid out as the compiler's facts say: what programs read of a caller. */
import type { VmMemory } from "../../bpf/vm/index.ts";
import { compatTest } from "../../linux/index.ts";
import { VARIABLES } from "../../variables/index.ts";
import type { KernelFacts } from "../facts.ts";
import { CallerObjects, type Origin, USUAL_ORIGIN } from "./caller-objects.ts";

export interface SimulatedCaller extends Origin {
  readonly pid: number;
  readonly tid: number;
  readonly ppid: number;
  /** User and group ids by their names in events: uid, egid …; 0 by default. */
  readonly ids: Readonly<Record<string, number>>;
  readonly loginuid: number;
  readonly sessionid: number;
  readonly comm: string;
  readonly pcomm: string;
  readonly exe: string;
  readonly cwd: string;
  /** PF_… */
  readonly flags: number;
}

export const ROOT_SHELL: SimulatedCaller = {
  ...USUAL_ORIGIN,
  pid: 4242,
  tid: 4242,
  ppid: 4000,
  ids: {},
  loginuid: 1000,
  sessionid: 7,
  comm: "rm",
  pcomm: "bash",
  exe: "/usr/bin/rm",
  cwd: "/tmp",
  flags: 0,
};

/** Bytes. More than any of the kernel's structs has before what programs read of it. */
const TASK_SIZE = 16_384;
const OBJECT_SIZE = 2048;
const COMM_SIZE = 16;

/** A file's place in the tree and, if it exists, what identifies it. */
export interface FileIdentity {
  readonly device: number;
  readonly inode: bigint;
}

/** include/uapi/linux/magic.h */
const MAGIC: Readonly<Record<string, bigint>> = {
  pipe: 0x50495045n,
  socket: 0x534f434bn,
  anon_inode: 0x09041934n,
  pidfs: 0x50494446n,
  nsfs: 0x6e736673n,
};

/** Makes objects; pointers between them are addresses. */
export class SimulatedObjects {
  readonly #memory: VmMemory;
  readonly #facts: KernelFacts;
  readonly #dentries = new Map<string, bigint>();
  /** struct mount of the only file system. */
  readonly #mount: bigint;
  /** Another one that is mounted nowhere; names that begin with "copy:" are there. */
  readonly #copy: bigint;

  constructor(memory: VmMemory, facts: KernelFacts) {
    this.#memory = memory;
    this.#facts = facts;
    this.#mount = this.#make("mount");
    const { path } = facts;
    const root = this.#make("dentry /");
    this.#dentries.set("/", root);
    this.#setPointer(root + BigInt(path.dentryParent), root);
    this.#setPointer(this.#mount + BigInt(path.mountMnt + path.vfsmountRoot), root);
    this.#setPointer(this.#mount + BigInt(path.mountParent), this.#mount);
    this.#setPointer(this.#mount + BigInt(path.mountMountpoint), root);
    this.#setPointer(this.#mount + BigInt(path.mountNamespace), this.#namespace(1n));
    this.#copy = this.#make("copy of the mount");
    this.#setPointer(this.#copy + BigInt(path.mountMnt + path.vfsmountRoot), root);
    this.#setPointer(this.#copy + BigInt(path.mountParent), this.#copy);
    this.#setPointer(this.#copy + BigInt(path.mountNamespace), this.#namespace(0n));
  }

  #namespace(number: bigint): bigint {
    const namespace = this.#make("mnt_namespace");
    this.#setPointer(namespace + BigInt(this.#facts.path.namespaceNumber ?? 0), number);
    return namespace;
  }

  /** A struct task_struct with all that hangs on it. */
  task(caller: SimulatedCaller): bigint {
    const { task: at, variables, path } = this.#facts;
    const task = this.#make("task", TASK_SIZE);
    const parent = this.#make("parent", TASK_SIZE);
    this.#set32(task + BigInt(at.tgid), caller.pid);
    this.#set32(task + BigInt(at.pid), caller.tid);
    this.#setText(task + BigInt(at.comm), caller.comm);
    this.#set32(task + BigInt(at.flags), caller.flags);
    this.#setPointer(task + BigInt(at.groupLeader), task);
    this.#setPointer(task + BigInt(at.realParent), parent);
    this.#set32(parent + BigInt(at.tgid), caller.ppid);
    // the thread that started us may have another name than its process
    const leader = this.#make("leader of parent", TASK_SIZE);
    this.#setPointer(parent + BigInt(at.groupLeader), leader);
    this.#setText(parent + BigInt(at.comm), "a thread");
    this.#setText(leader + BigInt(at.comm), caller.pcomm);
    const objects = new CallerObjects(this.#memory, this.#facts);
    this.#setPointer(leader + BigInt(at.groupLeader), leader);
    this.#set32(leader + BigInt(at.tgid), caller.ppid);
    this.#setPointer(leader + BigInt(at.realParent), objects.ancestors(caller.ancestors));
    const { LOGINUID, SESSIONID } = variables;
    if (LOGINUID !== undefined) this.#set32(task + BigInt(LOGINUID), caller.loginuid);
    if (SESSIONID !== undefined) this.#set32(task + BigInt(SESSIONID), caller.sessionid);
    // programs ask whether a task has any storage before they look for theirs
    this.#setPointer(task + BigInt(at.bpfStorage), 1n);
    const credentials = this.#make("cred");
    for (const [name, { kernel }] of VARIABLES)
      if (kernel.from === "cred")
        this.#set32(credentials + BigInt(variables[name] ?? 0), caller.ids[kernel.member] ?? 0);
    this.#setPointer(task + BigInt(at.cred), credentials);
    objects.fill(task, credentials, caller);
    const mm = this.#make("mm");
    this.#setPointer(task + BigInt(path.taskMm), mm);
    this.#setPointer(mm + BigInt(path.mmExeFile), this.file(caller.exe));
    const fs = this.#make("fs");
    this.#setPointer(task + BigInt(path.taskFs), fs);
    this.#putPath(fs + BigInt(path.fsPwd), caller.cwd);
    return task;
  }

  setCompat(task: bigint, isCompat: boolean): void {
    this.#set32(task + BigInt(this.#facts.task.status), isCompat ? compatTest.mask : 0);
  }

  /** A struct pt_regs; registers by the kernel's names. */
  registers(values: Readonly<Partial<Record<keyof KernelFacts["regs"], bigint>>>): bigint {
    const regs = this.#make("pt_regs");
    for (const [name, value] of Object.entries(values))
      this.#setPointer(regs + BigInt(this.#facts.regs[name as keyof KernelFacts["regs"]]), value);
    return regs;
  }

  /** Bytes that the kernel has copied from a caller. */
  copy(content: Uint8Array): bigint {
    const at = this.#memory.allocate("copy", content.length);
    this.#memory.at(at, content.length).set(content);
    return at;
  }

  /** A struct file. */
  file(name: string, identity?: FileIdentity): bigint {
    const file = this.#make(`file ${name}`);
    this.#putPath(file + BigInt(this.#facts.path.filePath), name, identity);
    return file;
  }

  /** A struct path of its own. */
  path(name: string, identity?: FileIdentity): bigint {
    const path = this.#make(`path ${name}`);
    this.#putPath(path, name, identity);
    return path;
  }

  /** The struct dentry of an absolute name; made with its directories where it is not there yet. */
  dentry(name: string, identity?: FileIdentity): bigint {
    const { path } = this.#facts;
    let dentry = this.#dentries.get(name);
    if (dentry === undefined) {
      const slash = name.lastIndexOf("/");
      dentry = this.#make(`dentry ${name}`);
      this.#dentries.set(name, dentry);
      // a file that is in no directory is its own parent: memfd:NAME, a pipe
      const parent = slash < 0 ? dentry : this.dentry(name.slice(0, slash) || "/");
      this.#setPointer(dentry + BigInt(path.dentryParent), parent);
      const [, kind = "", number = "0"] = /^(pipe|socket|pidfs|nsfs):\[(\d+)\]$/.exec(name) ?? [];
      const [, anonymous] = /^anon_inode:(.*)/.exec(name) ?? [];
      const own = kind === "" ? (anonymous ?? name.slice(slash + 1)) : "";
      const last = Buffer.from(own, "latin1");
      const superBlock = this.#make("super_block");
      const magic = MAGIC[anonymous === undefined ? kind : "anon_inode"] ?? 0n;
      this.#setPointer(dentry + BigInt(path.dentrySuperBlock), superBlock);
      this.#setPointer(superBlock + BigInt(this.#facts.pid.superBlockMagic), magic);
      if (kind !== "") this.#identify(dentry, { device: 0, inode: BigInt(number) });
      const text = this.#memory.allocate("name", Math.max(last.length, 1));
      this.#memory.at(text, last.length).set(last);
      // struct qstr: hash, length, name
      const qstr = dentry + BigInt(path.dentryName);
      this.#set32(qstr + 4n, last.length);
      this.#setPointer(qstr + 8n, text);
    }
    if (identity !== undefined) this.#identify(dentry, identity);
    return dentry;
  }

  #identify(dentry: bigint, { device, inode }: FileIdentity): void {
    const { path } = this.#facts;
    const node = this.#make("inode");
    const superBlock = this.#make("super_block");
    this.#setPointer(dentry + BigInt(path.dentryInode), node);
    this.#setPointer(node + BigInt(path.inodeNumber), inode);
    this.#setPointer(node + BigInt(path.inodeSuperBlock), superBlock);
    this.#set32(superBlock + BigInt(path.superBlockDevice), device);
  }

  /** struct path: vfsmount, dentry. */
  #putPath(at: bigint, name: string, identity?: FileIdentity): void {
    const isCopy = name.startsWith("copy:");
    const mount = isCopy ? this.#copy : this.#mount;
    this.#setPointer(at, mount + BigInt(this.#facts.path.mountMnt));
    this.#setPointer(at + 8n, this.dentry(isCopy ? name.slice(5) : name, identity));
  }

  #make(name: string, size = OBJECT_SIZE): bigint {
    return this.#memory.allocate(name, size);
  }

  #setPointer(at: bigint, value: bigint): void {
    this.#memory.view(at, 8).setBigUint64(0, BigInt.asUintN(64, value), true);
  }

  #set32(at: bigint, value: number): void {
    this.#memory.view(at, 4).setUint32(0, value, true);
  }

  #setText(at: bigint, text: string): void {
    this.#memory
      .at(at, COMM_SIZE)
      .fill(0)
      .set(Buffer.from(text, "latin1").subarray(0, COMM_SIZE - 1));
  }
}
