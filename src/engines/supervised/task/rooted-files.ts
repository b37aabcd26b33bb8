/** The files below the root of a process, looked up from here. Only names are: nothing is opened for real (O_PATH). */
import {
  AT_FDCWD,
  EAGAIN,
  ELOOP,
  ENAMETOOLONG,
  O_PATH_CLOEXEC,
  PATH_MAX,
  PROC_SUPER_MAGIC,
  S_IFDIR,
  S_IFMT,
} from "../../../base/linux-abi.ts";
import { Memory, NR, syscall, X64 } from "../../../sys/index.ts";
import { nameOfLink } from "./deleted.ts";
import type { MountOf } from "./mounts.ts";
import type { Path } from "./path-text.ts";

const O_NOFOLLOW = 0x20000;
const RESOLVE_NO_MAGICLINKS = 2;
/** The directory is taken for the root. */
export const RESOLVE_IN_ROOT = 0x10;
/** struct open_how { u64 flags, mode, resolve }, of openat2(2). */
export const OpenHow = { flags: 0, resolve: 16, size: 24 } as const;
/** More than struct statfs. */
const STATFS_SIZE = 256;
const PROC_ROOT_INO = 1n;
/** struct statx of include/uapi/linux/stat.h. */
const Statx = {
  mask: 0,
  uid: 20,
  gid: 24,
  mode: 28,
  inode: 32,
  major: 136,
  minor: 140,
  mount: 144,
} as const;
const STATX_SIZE = 256;
const STATX_BASIC_STATS = 0x7ff;
/** Since Linux 5.8. */
const STATX_MNT_ID = 0x1000;
const STATX_MASK = STATX_BASIC_STATS | STATX_MNT_ID;
const AT_NO_AUTOMOUNT = 0x800;
const AT_EMPTY_PATH = 0x1000;
const AT_STATX_DONT_SYNC = 0x4000;
/** Somebody on this machine renames something while the kernel goes over `..`: it gives up, and wants to be asked again. */
const MOST_ATTEMPTS = 1000;

export interface FileStatus extends MountOf {
  readonly isDirectory: boolean;
  readonly inode: bigint;
  readonly uid: number;
  readonly gid: number;
  /** The same for the same file: device and inode number. */
  readonly key: string;
}

function bufferOf({ bytes }: Memory): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}

/** The calls, with memory that is used again. */
export class NameCalls {
  readonly #how = Memory.allocate(OpenHow.size);
  readonly #path = Memory.allocate(2 * PATH_MAX + 2);
  readonly #target = Memory.allocate(PATH_MAX);
  readonly #statfs = Memory.allocate(STATFS_SIZE);
  readonly #statx = Memory.allocate(STATX_SIZE);
  #pathText = bufferOf(this.#path);
  #targetText = bufferOf(this.#target);
  /** The directory /proc/self/fd. */
  #ownFiles: number | undefined;

  /** A descriptor, or -errno. */
  open(path: Path): number {
    return syscall(X64.openat, AT_FDCWD, this.#place(path), O_PATH_CLOEXEC, 0);
  }

  /** Likewise, below a root. */
  openIn(root: number, path: Path, follow: boolean): number {
    if (path.length >= 2 * PATH_MAX) return -ENAMETOOLONG;
    const { view, address } = this.#how;
    view.setUint32(OpenHow.flags, O_PATH_CLOEXEC | (follow ? 0 : O_NOFOLLOW), true);
    view.setUint32(OpenHow.resolve, RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS, true);
    const text = this.#place(path);
    for (let i = 0; i < MOST_ATTEMPTS; i++) {
      const fd = syscall(X64.openat2, root, text, address, OpenHow.size);
      if (fd !== -EAGAIN) return fd;
    }
    return -EAGAIN;
  }

  /** What a directory has under a name, or -errno; a symbolic link is found itself. */
  openNext(directory: number, name: Path): number {
    return syscall(X64.openat, directory, this.#place(name), O_PATH_CLOEXEC | O_NOFOLLOW, 0);
  }

  /** Likewise, over links, magic ones included. */
  openOver(directory: number, path: Path): number {
    return syscall(X64.openat, directory, this.#place(path), O_PATH_CLOEXEC, 0);
  }

  /** 0 or -errno. */
  access(fd: number, mode: number, flags: number): number {
    return syscall(X64.faccessat2, fd, this.#place(""), mode, flags);
  }

  readLink(path: Path): Path | undefined {
    const target = this.readLinkOrErrno(path);
    return typeof target === "string" ? target : undefined;
  }

  /** The target, or -errno. */
  readLinkOrErrno(path: Path): Path | number {
    return this.#readLinkAt(AT_FDCWD, path);
  }

  /** Of a descriptor of the link itself. */
  targetOf(link: number): Path | undefined {
    const target = this.#readLinkAt(link, "");
    return typeof target === "string" ? target : undefined;
  }

  /** What a path leads to, over links; undefined: that cannot be found out. */
  status(path: Path): FileStatus | undefined {
    return this.#statusAt(AT_FDCWD, path, AT_NO_AUTOMOUNT);
  }

  /** Of what a link of /proc leads to, by what the link reads. */
  nameOf(text: Path, file: () => FileStatus | undefined): Path {
    return nameOfLink(text, file, (name) => this.status(name));
  }

  /** Of a descriptor of ours. */
  statusOf(fd: number): FileStatus | undefined {
    return this.#statusAt(fd, "", AT_EMPTY_PATH);
  }

  #statusAt(fd: number, path: Path, flags: number): FileStatus | undefined {
    const { view, address } = this.#statx;
    const how = flags | AT_STATX_DONT_SYNC;
    if (syscall(X64.statx, fd, this.#place(path), how, STATX_MASK, address) !== 0) return undefined;
    const device = `${view.getUint32(Statx.major, true)}:${view.getUint32(Statx.minor, true)}`;
    const inode = view.getBigUint64(Statx.inode, true);
    return {
      isDirectory: (view.getUint16(Statx.mode, true) & S_IFMT) === S_IFDIR,
      key: `${device}:${inode}`,
      inode,
      uid: view.getUint32(Statx.uid, true),
      gid: view.getUint32(Statx.gid, true),
      device,
      mount:
        (view.getUint32(Statx.mask, true) & STATX_MNT_ID) !== 0
          ? view.getBigUint64(Statx.mount, true)
          : undefined,
    };
  }

  isOfProc(fd: number): boolean {
    const { view, address } = this.#statfs;
    return (
      syscall(X64.fstatfs, fd, address) === 0 &&
      view.getBigUint64(0, true) === BigInt(PROC_SUPER_MAGIC)
    );
  }

  close(fd: number): void {
    syscall(NR.close, fd);
  }

  /** How /proc calls what a descriptor of ours is open on. The way to it is gone once: it is half of the work. */
  readOwnLink(fd: number): Path | undefined {
    this.#ownFiles ??= this.open("/proc/self/fd");
    const target = this.#readLinkAt(this.#ownFiles, String(fd));
    return typeof target === "string" ? target : undefined;
  }

  #readLinkAt(fd: number, path: Path): Path | number {
    const { address } = this.#target;
    const count = syscall(X64.readlinkat, fd, this.#place(path), address, PATH_MAX);
    return count < 0 ? count : this.#targetText.toString("latin1", 0, count);
  }

  #place(text: Path): number {
    const length = this.#pathText.write(text, 0, "latin1");
    this.#pathText[length] = 0;
    return this.#path.address;
  }

  free(): void {
    if (this.#ownFiles !== undefined && this.#ownFiles >= 0) this.close(this.#ownFiles);
    for (const memory of [this.#how, this.#path, this.#target, this.#statfs, this.#statx])
      memory.free();
    this.#pathText = Buffer.alloc(0);
    this.#targetText = Buffer.alloc(0);
  }
}

/** One root. Names for lookups begin there, and are `inside`; the kernel reports names that begin at our own root. */
export class RootedFiles {
  readonly #calls: NameCalls;
  readonly #fd: number;
  /** Its name as seen from our root. */
  readonly root: Path;

  constructor(calls: NameCalls, fd: number, root: Path) {
    this.#calls = calls;
    this.#fd = fd;
    this.root = root;
  }

  /** A descriptor of what a name leads to, or -errno. */
  open(path: Path, follow: boolean): number {
    return this.#calls.openIn(this.#fd, path, follow);
  }

  /** Whether a name leads to the root of a procfs. */
  isProcfs(path: Path): boolean {
    const fd = this.open(path, true);
    if (fd < 0) return false;
    const isRoot = this.#calls.isOfProc(fd) && this.#calls.statusOf(fd)?.inode === PROC_ROOT_INO;
    this.#calls.close(fd);
    return isRoot;
  }

  /** Of what a name leads to, over links; undefined: that cannot be found out. */
  status(path: Path): FileStatus | undefined {
    const fd = this.open(path, true);
    if (fd < 0) return undefined;
    const status = this.#calls.statusOf(fd);
    this.#calls.close(fd);
    return status;
  }

  /** Likewise, of a name whose last part may be a magic link, and no other part any link. */
  statusOverMagic(path: Path): FileStatus | undefined {
    const fd = this.#calls.openOver(this.#fd, `.${path}`);
    if (fd < 0) return undefined;
    const status = this.#calls.statusOf(fd);
    this.#calls.close(fd);
    return status;
  }

  /** Why a name leads nowhere, 0 if it does not. */
  errnoOf(path: Path, follow: boolean): number {
    const fd = this.open(path, follow);
    if (fd < 0) return -fd;
    this.#calls.close(fd);
    return 0;
  }

  /** Whether a directory can have no such name at all. */
  isTooLong(directory: Path, name: Path): boolean {
    const fd = this.open(directory, true);
    if (fd < 0) return false;
    const found = this.#calls.openNext(fd, name);
    this.#calls.close(fd);
    if (found >= 0) this.#calls.close(found);
    return found === -ENAMETOOLONG;
  }

  isLoop(path: Path): boolean {
    return this.errnoOf(path, true) === ELOOP;
  }

  /** Of a descriptor of ours. */
  keyOf(fd: number): string | undefined {
    return this.#calls.statusOf(fd)?.key;
  }

  /** Of what a name leads to, over magic links as well. */
  keyBehind(path: Path): string | undefined {
    return this.#calls.status(this.outside(path))?.key;
  }

  /** Of a descriptor of ours, which is closed. Undefined also where `isOursInProc` holds of the name and it is in a procfs. */
  nameOf(fd: number, isOursInProc: (name: Path) => boolean): Path | undefined {
    const text = this.#calls.readOwnLink(fd);
    const name = text && this.#calls.nameOf(text, () => this.#calls.statusOf(fd));
    const isOurs = name !== undefined && isOursInProc(name) && this.#calls.isOfProc(fd);
    this.#calls.close(fd);
    return isOurs ? undefined : name;
  }

  /** Magic: the target is what the kernel calls an open file, and may be none at all. */
  readLink(path: Path): { readonly target: Path; readonly isMagic: boolean } | undefined {
    const fd = this.open(path, false);
    if (fd < 0) return undefined;
    const target = this.#calls.targetOf(fd);
    const isMagic = this.#calls.isOfProc(fd);
    this.#calls.close(fd);
    return target === undefined ? undefined : { target, isMagic };
  }

  /** Name of what a magic link leads to, whose target reads so; its name is as for `statusOverMagic`. */
  nameOverMagic(path: Path, target: Path): Path {
    return this.#calls.nameOf(target, () => this.statusOverMagic(path));
  }

  /** Undefined: it is not below this root. */
  inside(name: Path): Path | undefined {
    if (!name.startsWith("/")) return undefined;
    if (this.root === "/") return name;
    if (name === this.root) return "/";
    return name.startsWith(`${this.root}/`) ? name.slice(this.root.length) : undefined;
  }

  outside(path: Path): Path {
    if (this.root === "/") return path;
    return path === "/" ? this.root : this.root + path;
  }

  close(): void {
    this.#calls.close(this.#fd);
  }
}
