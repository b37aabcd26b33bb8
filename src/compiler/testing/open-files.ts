/** Tables of open files in an interpreter's memory: what a task has open, as the compiler's facts say. */
import type { VmMemory } from "../../bpf/vm/index.ts";
import type { KernelFacts } from "../facts.ts";
import type { SimulatedObjects } from "./objects.ts";

/** S_IF… */
export const OpenFileMode = {
  file: 0o100644,
  dir: 0o040755,
  socket: 0o140777,
  pipe: 0o010600,
  chr: 0o020666,
  blk: 0o060660,
  link: 0o120777,
} as const;

export interface SimulatedFile {
  /** As a link of /proc has it; pidfds and namespaces are in file systems of their own: `pidfs:[1]`, `nsfs:[1]`. */
  readonly name: string;
  /** Regular by default. */
  readonly mode?: number;
  /** Of the device that it is: major and minor number. */
  readonly device?: readonly [major: number, minor: number];
  readonly flags?: number;
  readonly isClosedOnExec?: boolean;
  readonly socket?: {
    readonly family: number;
    readonly state: number;
    readonly port: number;
    /** 4 or 16 bytes in hexadecimal digits. */
    readonly address: string;
  };
  /** Pointers of it that lead nowhere. */
  readonly broken?: "inode" | "socket";
}

const OBJECT_SIZE = 2048;
const MOST_FILES = 64;
const NOWHERE = 0xdead_0000_0000n;
const MINOR_BITS = 20;
const MAGIC: readonly (readonly [prefix: string, magic: bigint])[] = [
  ["pipe:", 0x50495045n],
  ["socket:", 0x534f434bn],
  ["anon_inode:", 0x09041934n],
  ["pidfs:", 0x50494446n],
  ["nsfs:", 0x6e736673n],
];

export class OpenFileObjects {
  readonly #memory: VmMemory;
  readonly #facts: KernelFacts;
  readonly #objects: SimulatedObjects;

  constructor(memory: VmMemory, facts: KernelFacts, objects: SimulatedObjects) {
    this.#memory = memory;
    this.#facts = facts;
    this.#objects = objects;
  }

  /** The table of the task, with a file at each of these numbers. */
  open(task: bigint, files: ReadonlyMap<number, SimulatedFile>): void {
    const { path, open } = this.#facts;
    const holder = this.#make("files_struct");
    const table = this.#make("fdtable");
    const pointers = this.#memory.allocate("fd", MOST_FILES * 8);
    const bits = this.#memory.allocate("close_on_exec", MOST_FILES / 8);
    this.#pointer(task, path.taskFiles, holder);
    this.#pointer(holder, path.filesTable, table);
    this.#number(table, path.tableSize, 4, MOST_FILES);
    this.#pointer(table, path.tableFiles, pointers);
    this.#pointer(table, open.tableCloseOnExec, bits);
    for (const [fd, file] of files) {
      this.#pointer(pointers, fd * 8, this.#file(file));
      const bytes = this.#memory.at(bits + BigInt(fd >> 3), 1);
      if (file.isClosedOnExec === true) bytes[0] = (bytes[0] ?? 0) | (1 << (fd & 7));
    }
  }

  #file({
    name,
    mode = OpenFileMode.file,
    device,
    flags = 0,
    socket,
    broken,
  }: SimulatedFile): bigint {
    const { path, open, pid } = this.#facts;
    const file = this.#objects.file(name);
    this.#number(file, path.fileFlags, 4, flags);
    const inode = this.#make("inode");
    this.#pointer(file, path.fileInode, broken === "inode" ? NOWHERE : inode);
    this.#number(inode, open.inodeMode, 2, mode);
    const [major, minor] = device ?? [0, 0];
    this.#number(inode, open.inodeDevice, 4, (major << MINOR_BITS) | minor);
    const superBlock = this.#make("super_block");
    this.#pointer(inode, path.inodeSuperBlock, superBlock);
    const known = MAGIC.find(([prefix]) => name.startsWith(prefix))?.[1];
    this.#pointer(superBlock, pid.superBlockMagic, known ?? 0n);
    if (socket === undefined) return file;
    const outer = this.#make("socket");
    this.#pointer(file, pid.filePrivate, outer);
    const inner = this.#make("sock");
    this.#pointer(outer, open.socketSk, broken === "socket" ? NOWHERE : inner);
    this.#number(inner, open.family, 2, socket.family);
    this.#number(inner, open.state, 1, socket.state);
    this.#number(inner, open.peerPort, 2, ((socket.port & 0xff) << 8) | (socket.port >> 8));
    const address = Buffer.from(socket.address, "hex");
    const at = address.length === 4 ? open.peerAddress : (open.peerAddressV6 ?? 0);
    this.#memory.at(inner + BigInt(at), address.length).set(address);
    return file;
  }

  #make(name: string): bigint {
    return this.#memory.allocate(name, OBJECT_SIZE);
  }

  #pointer(object: bigint, offset: number, value: bigint): void {
    this.#memory.view(object + BigInt(offset), 8).setBigUint64(0, value, true);
  }

  #number(object: bigint, offset: number, size: 1 | 2 | 4, value: number): void {
    const view = this.#memory.view(object + BigInt(offset), size);
    if (size === 1) view.setUint8(0, value);
    else if (size === 2) view.setUint16(0, value, true);
    else view.setUint32(0, value >>> 0, true);
  }
}
