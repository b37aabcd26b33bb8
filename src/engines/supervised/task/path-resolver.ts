/**
 * Which file a path of another process names, by letting the kernel look it up from here: below that process's
 * root, from its directory. Only names are looked up (O_PATH), nothing is opened for real.
 *
 * Links that mean something else for us are resolved by hand: /proc/self, and the magic links of /proc that lead
 * to open files. The answer is that of the moment: who can rename or relink meanwhile can make it wrong.
 */
import { Memory, NR, syscall, X64 } from "../../../sys/index.ts";
import type { ProcFiles } from "./proc-files.ts";

const AT_FDCWD = -100;
const O_NOFOLLOW = 0x20000;
const O_PATH_CLOEXEC = 0x280000;
const RESOLVE_NO_MAGICLINKS = 2;
const RESOLVE_IN_ROOT = 0x10;
const HOW_SIZE = 24;
const PATH_MAX = 4096;
const MOST_LINKS = 16;
const EACCES = 13;
const EPERM = 1;
const ELOOP = 40;
const ENAMETOOLONG = 36;

/** A path as text of one byte each, so that any file name survives. */
type Path = string;

export interface PathRequest {
  readonly tid: number;
  readonly tgid: number;
  /** Directory that a relative path begins at; AT_FDCWD: the working directory. */
  readonly dirfd: number;
  readonly path: Uint8Array;
  /** Whether a symbolic link at the end is followed. */
  readonly follow: boolean;
}

export class PathResolver {
  readonly #files: ProcFiles;
  /** Our own root, while it is that of all whose paths we resolve: neither it nor their names need to be asked for. */
  #sharedRoot: number | undefined;
  readonly #how = Memory.allocate(HOW_SIZE);
  readonly #path = Memory.allocate(2 * PATH_MAX + 2);

  constructor(files: ProcFiles) {
    this.#files = files;
  }

  /** All whose paths are resolved have our root and see our mounts, until `rootsMayDiffer`. */
  shareRoot(): void {
    const root = syscall(X64.openat, AT_FDCWD, this.#place("/"), O_PATH_CLOEXEC, 0);
    if (root >= 0) this.#sharedRoot = root;
  }

  /** Somebody is about to get another root or other mounts: from now on each is asked for its own. */
  rootsMayDiffer(): void {
    if (this.#sharedRoot !== undefined) syscall(NR.close, this.#sharedRoot);
    this.#sharedRoot = undefined;
  }

  /** Absolute path as seen from our root; undefined if it cannot be found out. */
  resolve({ tid: caller, tgid, dirfd, path, follow }: PathRequest): Uint8Array | undefined {
    const tid = this.#files.ownerOf(caller);
    const text = latin1(path);
    let absolute = text;
    if (!text.startsWith("/")) {
      const base = this.#directory(tid, dirfd);
      if (base === undefined) return undefined;
      if (text === "") return bytesOf(base);
      absolute = base === "/" ? `/${text}` : `${base}/${text}`;
    }
    if (this.#sharedRoot !== undefined) return this.#find(this.#sharedRoot, tgid, absolute, follow);
    const root = syscall(X64.openat, AT_FDCWD, this.#place(`/proc/${tid}/root`), O_PATH_CLOEXEC, 0);
    if (root < 0) return undefined;
    try {
      return this.#find(root, tgid, absolute, follow);
    } finally {
      syscall(NR.close, root);
    }
  }

  #find(root: number, tgid: number, path: Path, follow: boolean): Uint8Array | undefined {
    const found = new Lookup(this, root, tgid).find(path, follow);
    return found === undefined ? undefined : bytesOf(found);
  }

  /** Path below the root of the process. */
  #directory(tid: number, dirfd: number): Path | undefined {
    const link = dirfd === AT_FDCWD ? `/proc/${tid}/cwd` : `/proc/${tid}/fd/${dirfd}`;
    const directory = this.readLink(link);
    if (this.#sharedRoot !== undefined) return directory;
    const root = this.readLink(`/proc/${tid}/root`);
    if (directory === undefined || root === undefined) return undefined;
    if (root === "/" || !directory.startsWith(root)) return directory;
    return directory.slice(root.length) || "/";
  }

  /** The descriptor of a name below `root`, or -errno. */
  lookUp(root: number, path: Path, follow: boolean): number {
    if (path.length >= 2 * PATH_MAX) return -ENAMETOOLONG;
    const { view, address } = this.#how; // struct open_how { u64 flags, mode, resolve }
    view.setUint32(0, O_PATH_CLOEXEC | (follow ? 0 : O_NOFOLLOW), true);
    view.setUint32(16, RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS, true);
    return syscall(X64.openat2, root, this.#place(path), address, HOW_SIZE);
  }

  /** Name of an open descriptor of ours, which is closed. */
  nameOf(fd: number): Path | undefined {
    const name = this.readLink(`/proc/self/fd/${fd}`);
    syscall(NR.close, fd);
    return name;
  }

  readLink(path: Path): Path | undefined {
    const link = this.#files.readLink(path);
    return link && latin1(link);
  }

  #place(text: Path): number {
    const { bytes, address } = this.#path;
    const length = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).write(
      text,
      0,
      "latin1",
    );
    bytes[length] = 0;
    return address;
  }

  free(): void {
    this.rootsMayDiffer();
    this.#how.free();
    this.#path.free();
  }
}

/** One lookup, which may lead over several links. */
class Lookup {
  readonly #resolver: PathResolver;
  readonly #root: number;
  readonly #tgid: number;
  #links = 0;

  constructor(resolver: PathResolver, root: number, tgid: number) {
    this.#resolver = resolver;
    this.#root = root;
    this.#tgid = tgid;
  }

  find(given: Path, follow: boolean): Path | undefined {
    const path = this.#asCaller(given);
    const fd = this.#resolver.lookUp(this.#root, path, follow);
    if (fd >= 0) {
      const name = this.#resolver.nameOf(fd);
      return name === undefined ? undefined : this.#notOurs(name, path);
    }
    switch (-fd) {
      case EACCES:
      case EPERM:
        return undefined;
      case ELOOP:
        return this.#overLink(path, follow);
      default:
        return this.#missing(path, follow);
    }
  }

  /** There is no such file: the directory that it would be in, and its name. */
  #missing(path: Path, follow: boolean): Path | undefined {
    const { parent, last } = split(path);
    if (last === "") return "/";
    const directory = this.find(parent, true);
    if (directory === undefined) return undefined;
    const name = join(directory, last);
    // a link that leads nowhere is where the file would be made
    const target = follow && this.#mayFollow() ? this.#resolver.readLink(name) : undefined;
    if (target === undefined) return name;
    return this.find(target.startsWith("/") ? target : join(directory, target), true);
  }

  /** Something in the path is a magic link: finds the first one and goes on from where it leads. */
  #overLink(path: Path, follow: boolean): Path | undefined {
    if (!this.#mayFollow()) return undefined;
    const parts = path.split("/").filter((part) => part !== "");
    for (let count = 1; count <= parts.length; count++) {
      const prefix = `/${parts.slice(0, count).join("/")}`;
      const isLast = count === parts.length;
      const fd = this.#resolver.lookUp(this.#root, prefix, true);
      if (fd >= 0) syscall(NR.close, fd);
      if (fd !== -ELOOP) continue;
      const directory = this.find(`/${parts.slice(0, count - 1).join("/")}`, true);
      if (directory === undefined) return undefined;
      const link = join(directory, parts[count - 1] ?? "");
      if (isLast && !follow) return link;
      const target = this.#resolver.readLink(link);
      if (target === undefined) return undefined;
      const rest = parts.slice(count).join("/");
      const isFile = target.startsWith("/") || !target.includes(":[");
      if (!isFile) return rest === "" ? target : undefined;
      const start = target.startsWith("/") ? target : join(directory, target);
      return this.find(rest === "" ? start : join(start, rest), follow);
    }
    return undefined;
  }

  #mayFollow(): boolean {
    return ++this.#links <= MOST_LINKS;
  }

  #asCaller(path: Path): Path {
    return path.replace(/^\/+proc\/+(self|thread-self)(?=\/|$)/, `/proc/${this.#tgid}`);
  }

  /** A link to /proc/self on the way has led to ourselves. */
  #notOurs(name: Path, path: Path): Path {
    const own = `/proc/${process.pid}`;
    const isIn = (one: Path) => one === own || one.startsWith(`${own}/`);
    if (!isIn(name) || isIn(path)) return name;
    return name.replace(/^\/proc\/\d+(\/task\/\d+)?/, `/proc/${this.#tgid}`);
  }
}

function split(path: Path): { parent: Path; last: Path } {
  const trimmed = path.replace(/\/+$/, "");
  const at = trimmed.lastIndexOf("/");
  return { parent: trimmed.slice(0, at) || "/", last: trimmed.slice(at + 1) };
}

function join(directory: Path, name: Path): Path {
  return directory.endsWith("/") ? directory + name : `${directory}/${name}`;
}

function latin1(bytes: Uint8Array): Path {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1");
}

function bytesOf(path: Path): Uint8Array {
  return Buffer.from(path, "latin1");
}
