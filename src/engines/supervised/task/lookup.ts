/**
 * One lookup of a name by a process, which may lead over several links. The kernel does it from here, below the root of
 * that process. Links that mean something else for us are resolved by hand: /proc/self, and the magic links of /proc,
 * which lead to what is open. Where nothing certain is found the answer is undefined: the text of a path is not its file.
 * Refused is what the kernel refuses the process anyway, without a rule: then there is no file.
 */
import {
  EACCES,
  ELOOP,
  ENAMETOOLONG,
  ENOENT,
  ENOTDIR,
  MAXSYMLINKS,
  PATH_MAX,
} from "../../../base/linux-abi.ts";
import type { MountOf } from "./mounts.ts";
import type { Path } from "./path-text.ts";
import { findRefuser } from "./refuser.ts";
import type { FileStatus, RootedFiles } from "./rooted-files.ts";

/** Our own limit for names that turn out to be others. */
const MOST_NAMES = 100;
const PROC = "/proc";
/** Names in a path that mean the caller in a procfs. */
const SELF = /\/+(self|thread-self)(?=\/|$)/g;
/** In the names of what procfs has of us. */
const OURS = `/${process.pid}/`;
const OUR_END = OURS.slice(0, -1);
const OUR_PROC = `${PROC}${OUR_END}`;

export interface Found {
  /** As seen from our root. */
  readonly name: Path;
  readonly exists: boolean;
  /** The folder that it would be in does not exist either. */
  readonly hasNoFolder?: boolean;
  /** The same for the same file, if it exists and callers want to know. */
  readonly key?: string | undefined;
}

export type LookupResult = Found | "refused" | undefined;

/** The directories of the process and the thread in their own /proc. */
export interface OwnEntries {
  readonly self: Path;
  readonly threadSelf: Path;
}

/** The process that looks something up. */
export interface LookupProcess {
  /** In a procfs, by the name of its root. */
  own(procfs: Path): OwnEntries | undefined;
  /** Whether a directory has a name for the process; undefined: it may have another one. */
  hasName(directory: MountOf): boolean | undefined;
  /** What the kernel refuses us it refuses the process, too. `refuser`: finds the directory that does it. */
  isRefusedToo(refuser: () => FileStatus | undefined): boolean;
  /** Whether to find out which file it is besides its name. */
  readonly wantsKey: boolean;
}

export class Lookup {
  readonly #files: RootedFiles;
  readonly #caller: LookupProcess;
  /** Links gone over here, each of which the kernel has to go over, too. */
  #links = 0;
  #names = 0;

  constructor(files: RootedFiles, caller: LookupProcess) {
    this.#files = files;
    this.#caller = caller;
  }

  /** `followEnd`: a symbolic link at the end, too; one with a slash behind it always is. */
  find(given: Path, followEnd: boolean): LookupResult {
    const follow = followEnd || given.endsWith("/");
    const path = this.#asCaller(given, follow);
    if (path === undefined) return undefined;
    const fd = this.#files.open(path, follow);
    if (fd >= 0) {
      const key = this.#caller.wantsKey ? this.#files.keyOf(fd) : undefined;
      const name = this.#files.nameOf(fd, (one) => this.#isOursElsewhere(one));
      const theirs = name && this.#notOurs(name, path);
      return theirs === undefined ? undefined : { name: theirs, exists: true, key };
    }
    switch (-fd) {
      case ENOENT:
        return this.#missing(path, follow);
      case ELOOP:
        return this.#overLink(path, follow);
      case ENAMETOOLONG:
        return path.length < PATH_MAX ? "refused" : this.#inPieces(path, follow);
      case ENOTDIR:
        return "refused";
      case EACCES:
        return this.#caller.isRefusedToo(() => findRefuser(this.#files, path))
          ? "refused"
          : undefined;
      default:
        return undefined;
    }
  }

  /** There is no such file: the directory that it would be in, and its name. */
  #missing(path: Path, follow: boolean): LookupResult {
    const { parent, last } = split(path);
    if (last === "") return { name: this.#files.root, exists: true };
    const directory = this.find(parent, true);
    if (directory === undefined || directory === "refused") return directory;
    const name = join(directory.name, last);
    if (!directory.exists) return { name, exists: false, hasNoFolder: true };
    const base = this.#files.inside(directory.name);
    if (base === undefined) return undefined;
    const inside = joinFrom(base, last);
    if (isDots(last)) return { name: this.#files.outside(inside), exists: true };
    // not where it was looked for
    const slash = path.endsWith("/") ? "/" : "";
    if (inside + slash !== path)
      return ++this.#names > MOST_NAMES ? undefined : this.find(inside + slash, follow);
    // the link of a procfs of another pid namespace, with other process ids, leads nowhere for us
    if (isSelf(last) && this.#files.isProcfs(base))
      return this.#inProcfs(base, last, slash, follow);
    // a link that leads nowhere is where the file would be made
    const target = follow ? this.#files.readLink(inside)?.target : undefined;
    if (target === undefined) return { name, exists: false };
    return this.#mayFollow() ? this.find(fromLink(parent, target), true) : "refused";
  }

  /** Something in the path is a magic link: finds the first one and continues from where it leads. */
  #overLink(path: Path, follow: boolean): LookupResult {
    const parts = path.split("/").filter((part) => part !== "");
    const upTo = (count: number): Path => `/${parts.slice(0, count).join("/")}`;
    const at = parts.findIndex((_, i) => this.#files.isLoop(upTo(i + 1)));
    const directory = at < 0 ? undefined : this.find(upTo(at), true);
    if (directory === undefined || directory === "refused") return directory;
    const name = join(directory.name, parts[at] ?? "");
    if (at === parts.length - 1 && !follow) return { name, exists: directory.exists };
    if (!this.#mayFollow()) return "refused";
    const inside = this.#files.inside(name);
    const link = inside === undefined ? undefined : this.#files.readLink(inside);
    if (inside === undefined || link === undefined) return undefined;
    const rest = parts.slice(at + 1).join("/");
    if (!link.isMagic) {
      const start = fromLink(split(inside).parent, link.target);
      return this.find(rest === "" ? start : join(start, rest), follow);
    }
    const target = this.#files.nameOverMagic(inside, link.target);
    if (rest === "") {
      const key = this.#caller.wantsKey ? this.#files.keyBehind(inside) : undefined;
      return { name: target, exists: true, key };
    }
    // what is open there is a pipe, a socket or the like
    if (!target.startsWith("/")) return "refused";
    const status = this.#files.statusOverMagic(inside);
    const isNamed = status === undefined ? undefined : this.#caller.hasName(status);
    if (isNamed !== true) return isNamed === false ? "refused" : undefined;
    const start = this.#files.inside(target);
    return start === undefined ? undefined : this.find(joinFrom(start, rest), follow);
  }

  /** Longer than what the kernel takes at once: first as much as it takes, which may turn out to be short. */
  #inPieces(path: Path, follow: boolean): LookupResult {
    const cut = path.lastIndexOf("/", PATH_MAX - 2);
    const head = path.slice(0, cut);
    const rest = path.slice(cut + 1);
    const directory = this.find(head, true);
    if (directory === undefined || directory === "refused") return directory;
    if (!directory.exists)
      return { name: join(directory.name, rest), exists: false, hasNoFolder: true };
    const inside = this.#files.inside(directory.name);
    if (inside === undefined) return undefined;
    if (inside.length < head.length) return this.find(joinFrom(inside, rest), follow);
    // the path that the process gave is shorter, since it begins in its directory: a single name may be longer still
    return this.#files.isTooLong(inside, rest.split("/", 1)[0] ?? "") ? "refused" : undefined;
  }

  #mayFollow(): boolean {
    return ++this.#links <= MAXSYMLINKS;
  }

  #asCaller(path: Path, follow: boolean): Path | undefined {
    // most have none, and are not worth a search
    if (!path.includes("self")) return path;
    for (const { 0: text, 1: which = "", index } of path.matchAll(SELF)) {
      if (!follow && index + text.length === path.length) break;
      const procfs = path.slice(0, index).replace(/\/+/g, "/") || "/";
      if (procfs === PROC || this.#files.isProcfs(procfs))
        return this.#ownIn(procfs, which, path.slice(index + text.length));
    }
    return path;
  }

  /** What the link `which` of a procfs, and the rest of a path behind it, mean for the caller. */
  #ownIn(procfs: Path, which: string, rest: Path): Path | undefined {
    const own = this.#caller.own(procfs);
    return own && (which === "self" ? own.self : own.threadSelf) + rest;
  }

  #inProcfs(procfs: Path, which: string, rest: Path, follow: boolean): LookupResult {
    if (!follow) return { name: this.#files.outside(join(procfs, which)), exists: true };
    if (!this.#mayFollow()) return "refused";
    const theirs = this.#ownIn(procfs, which, rest);
    return theirs === undefined ? undefined : this.find(theirs, follow);
  }

  /** A procfs that is mounted under another name, too, has a link `self` that leads to us instead of the caller. */
  #isOursElsewhere(name: Path): boolean {
    const mayBe = name.includes(OURS) || name.endsWith(OUR_END);
    return mayBe && this.#files.inside(name)?.startsWith("/proc/") !== true;
  }

  /** A link to /proc/self on the way has led to ourselves. */
  #notOurs(name: Path, path: Path): Path | undefined {
    if (!name.includes(OUR_PROC)) return name;
    const isIn = (one: Path) => one === OUR_PROC || one.startsWith(`${OUR_PROC}/`);
    const inside = this.#files.inside(name);
    if (inside === undefined || !isIn(inside) || isIn(path)) return name;
    const own = this.#caller.own(PROC);
    const theirs = inside.replace(/^\/proc\/\d+(\/task\/\d+)?/, (_, thread) =>
      String(thread === undefined ? own?.self : own?.threadSelf),
    );
    return own && this.#files.outside(theirs);
  }
}

/**
 * A path from a directory whose name is known for certain. Dots at its beginning are taken away by the name: the
 * directory may have been deleted, and has a parent all the same.
 */
export function joinFrom(directory: Path, path: Path): Path {
  if (path !== "" && !path.startsWith(".") && !path.startsWith("/")) return join(directory, path);
  const parts = path.split("/");
  let base = directory;
  let i = 0;
  for (; isDots(parts[i] ?? "x") || parts[i] === ""; i++)
    if (parts[i] === "..") base = split(base).parent;
  const rest = parts.slice(i).join("/");
  if (rest === "") return path.endsWith("/") && base !== "/" ? `${base}/` : base;
  return join(base, rest);
}

function isSelf(name: Path): boolean {
  return name === "self" || name === "thread-self";
}

function isDots(name: Path): boolean {
  return name === "." || name === "..";
}

/** Where a symbolic link leads. */
function fromLink(directory: Path, target: Path): Path {
  return target.startsWith("/") ? target : join(directory, target);
}

function split(path: Path): { parent: Path; last: Path } {
  const trimmed = path.endsWith("/") ? path.replace(/\/+$/, "") : path;
  const at = trimmed.lastIndexOf("/");
  return { parent: trimmed.slice(0, at) || "/", last: trimmed.slice(at + 1) };
}

function join(directory: Path, name: Path): Path {
  return directory.endsWith("/") ? directory + name : `${directory}/${name}`;
}
