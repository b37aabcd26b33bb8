/**
 * Which file a path of another process names. The answer holds for now only: a process that can rename or relink meanwhile can
 * make it wrong.
 */
import { AT_FDCWD, EBADF, ENOENT, EPERM, ESTALE, PATH_MAX } from "../../../base/linux-abi.ts";
import { openHandle } from "./handles.ts";
import { joinFrom, Lookup, type LookupProcess, type OwnEntries } from "./lookup.ts";
import { type MountOf, Mounts } from "./mounts.ts";
import { type Path, pathText } from "./path-text.ts";
import type { ProcFiles } from "./proc-files.ts";
import { Rights } from "./rights.ts";
import { NameCalls, RootedFiles } from "./rooted-files.ts";
import { SearchRights } from "./search-rights.ts";

export interface PathRequest {
  readonly tid: number;
  readonly tgid: number;
  /** User id for files. */
  readonly fsuid: number | undefined;
  /** Directory that a relative path begins at; AT_FDCWD: the working directory. */
  readonly dirfd: number;
  readonly path: Uint8Array;
  /** Whether an empty path is the directory itself. */
  readonly mayBeEmpty: boolean;
  /** Whether a symbolic link at the end is followed. */
  readonly follow: boolean;
  /** Whether the directory is taken for the root. */
  readonly isRoot: boolean;
}

/** Refused: the kernel will refuse the call over its path, as it stands. */
export type Resolved = ResolvedFile | "refused" | undefined;

interface ResolvedFile {
  readonly name: Path;
  /** Of a file that exists, where files are compared: the same for the same file. */
  readonly key: string | undefined;
  /** Absent: there is a file. */
  readonly missing?: MissingFile | undefined;
}

/** There is no file: only its folder is there, or not even that. */
export type MissingFile = "file" | "folder";

type ResolvedName = Path | "refused" | undefined;

export class PathResolver {
  readonly #files: ProcFiles;
  readonly #wantsKeys: boolean;
  readonly #calls = new NameCalls();
  readonly #rights: Rights;
  readonly #mounts: Mounts;
  readonly #searching: SearchRights;
  /** Our own root, while it is that of all whose paths we resolve: neither it nor their names need to be asked for. */
  #shared: RootedFiles | undefined;

  /** `wantsKeys`: callers compare files, not only their names. */
  constructor(files: ProcFiles, wantsKeys: boolean) {
    this.#files = files;
    this.#wantsKeys = wantsKeys;
    this.#rights = new Rights(files);
    this.#mounts = new Mounts(files);
    this.#searching = new SearchRights(files, this.#calls);
  }

  /**
   * All whose paths are resolved have our root and see our mounts, until `rootsMayDiffer`. Not so if they are given a
   * directory that is mounted elsewhere.
   */
  shareRoot(given: readonly number[]): void {
    const ours = this.#calls.status("/");
    for (const fd of given) {
      const status = this.#calls.statusOf(fd);
      if (status?.isDirectory === true && this.#mounts.find(process.pid, status, ours) !== "named")
        return;
    }
    const root = this.#calls.open("/");
    if (root >= 0) this.#shared = new RootedFiles(this.#calls, root, "/");
  }

  /** Somebody is about to get another root or other mounts: from now on each is asked for its own. */
  rootsMayDiffer(): void {
    this.#mounts.forget();
    this.#shared?.close();
    this.#shared = undefined;
  }

  /** Absolute path as seen from our root; undefined if it cannot be found out. */
  resolve(request: PathRequest): Resolved {
    if (request.path.length >= PATH_MAX) return "refused";
    if (request.path.length === 0 && !request.mayBeEmpty) return "refused";
    const tid = this.#files.ownerOf(request.tid);
    const found = request.isRoot
      ? this.#findBelow(directoryOf(tid, request.dirfd), tid, request)
      : this.#shared === undefined
        ? this.#findBelow(`/proc/${tid}/root`, tid, request)
        : this.#find(this.#shared, tid, request);
    if (found === undefined || found === "refused") return found;
    return this.#mayReach(tid, request) ? found : "refused";
  }

  /** Where we are the superuser: whether the thread gets there by its own rights. */
  #mayReach(tid: number, { fsuid, dirfd, path, follow, isRoot }: PathRequest): boolean {
    if (isRoot || !this.#searching.mayBeFewer(fsuid)) return true;
    const way = {
      base: directoryOf(tid, dirfd),
      root: `/proc/${tid}/root`,
      path: pathText(path),
      follow,
    };
    return this.#searching.maySearch(tid, way);
  }

  /** What a descriptor is open on; undefined also of a file in a mount that has no name where the thread is, nor where we are. */
  openFile(tid: number, fd: number): Resolved {
    const owner = this.#files.ownerOf(tid);
    const link = directoryOf(owner, fd);
    const file = this.#fileAt(link);
    if (this.#shared !== undefined || typeof file !== "object") return file;
    // what has no directory has no mount, either: a pipe, a socket
    if (!file.name.startsWith("/")) return file;
    const status = this.#calls.status(link);
    if (status === undefined) return undefined;
    const place = this.#mounts.find(owner, status, this.#calls.status(`/proc/${owner}/root`));
    return place === "named" ? file : undefined;
  }

  /** What a handle stands for, with another file of its file system, which the thread has open. */
  openHandle(tid: number, mountFd: number, handle: Uint8Array): Resolved {
    const fd = openHandle(this.#files.ownerOf(tid), mountFd, handle);
    // what we may not, the thread may only with other rights
    if (fd === -EPERM) return this.#rights.refuseToo(tid, () => undefined) ? "refused" : undefined;
    if (fd < 0) return fd === -ESTALE || fd === -EBADF ? "refused" : undefined;
    const file = this.#fileAt(`/proc/self/fd/${fd}`);
    this.#calls.close(fd);
    return file;
  }

  /** What a link of /proc leads to. */
  #fileAt(link: Path): Resolved {
    const name = this.#nameOf(link);
    if (name === undefined || name === "refused") return name;
    return { name, key: this.#wantsKeys ? this.#calls.status(link)?.key : undefined };
  }

  /** Of a link to a directory or an open file. No such link: the descriptor is not open. */
  #nameOf(link: Path): ResolvedName {
    const text = this.#calls.readLinkOrErrno(link);
    return typeof text === "string"
      ? this.#calls.nameOf(text, () => this.#calls.status(link))
      : text === -ENOENT
        ? "refused"
        : undefined;
  }

  /** Of the program or the directory of a process, by its link in /proc; undefined: it cannot be read. */
  nameOfLink(link: Path): Uint8Array | undefined {
    const name = this.#nameOf(link);
    return name === undefined || name === "refused" ? undefined : Buffer.from(name, "latin1");
  }

  /** `link`: to the root. */
  #findBelow(link: Path, tid: number, request: PathRequest): Resolved {
    const name = this.#nameOf(link);
    if (name === undefined || name === "refused") return name;
    const fd = this.#calls.open(link);
    if (fd < 0) return undefined;
    const files = new RootedFiles(this.#calls, fd, name);
    try {
      return this.#find(files, tid, request);
    } finally {
      files.close();
    }
  }

  #find(
    files: RootedFiles,
    tid: number,
    { tgid, dirfd, path, follow, isRoot }: PathRequest,
  ): Resolved {
    const text = isRoot ? joinFrom("/", pathText(path)) : pathText(path);
    const caller: LookupProcess = {
      own: (procfs) => this.#ownEntries(files, procfs, tid, tgid),
      hasName: (status) => this.#hasName(files, tid, status),
      isRefusedToo: (refuser) => this.#rights.refuseToo(tid, refuser),
      wantsKey: this.#wantsKeys,
    };
    const find = (from: Path): Resolved => {
      const answer = new Lookup(files, caller).find(from, follow);
      if (typeof answer !== "object") return answer;
      const { name, key, exists, hasNoFolder } = answer;
      return { name, key, missing: exists ? undefined : hasNoFolder ? "folder" : "file" };
    };
    if (text.startsWith("/")) return find(text);
    const link = directoryOf(tid, dirfd);
    if (text === "") return this.#fileAt(link);
    const directory = this.#nameOf(link);
    if (directory === undefined || directory === "refused") return directory;
    // beginning at a pipe, or at a file that is none either
    if (!directory.startsWith("/")) return "refused";
    const isDotted = text.startsWith(".") && dirfd !== AT_FDCWD;
    if (isDotted && this.#calls.status(link)?.isDirectory === false) return "refused";
    if (files !== this.#shared) {
      const status = this.#calls.status(link);
      const isNamed = status === undefined ? undefined : this.#hasName(files, tid, status);
      if (isNamed !== true) return isNamed === false ? "refused" : undefined;
    }
    // what is beyond the root of the process is found by nobody's lookup but its own
    const inside = files.inside(directory);
    return inside === undefined ? undefined : find(joinFrom(inside, text));
  }

  /** While all have our root, whatever was opened has a name below it. */
  #hasName(files: RootedFiles, tid: number, status: MountOf): boolean | undefined {
    if (files === this.#shared) return true;
    const place = this.#mounts.find(tid, status, files.status("/"));
    return place === "named" ? true : place === "fresh" ? false : undefined;
  }

  /** In a pid namespace of its own a process has another id, and may have a procfs that shows it. */
  #ownEntries(files: RootedFiles, procfs: Path, tid: number, tgid: number): OwnEntries | undefined {
    const entries = (process: number, thread: number): OwnEntries => ({
      self: `${procfs}/${process}`,
      threadSelf: `${procfs}/${process}/task/${thread}`,
    });
    if (files === this.#shared && procfs === "/proc") return entries(tgid, tid);
    const [processes = [], threads = []] = [/^NStgid:(.*)$/m, /^NSpid:(.*)$/m].map((line) =>
      this.#numbers(`/proc/${tid}/status`, line),
    );
    const namespace = this.#calls.readLink(`/proc/${tid}/ns/pid`);
    const innermost = processes.at(-1);
    for (const [i, process] of processes.entries()) {
      const ns = files.readLink(`${procfs}/${process}/ns/pid`)?.target;
      if (ns === undefined || ns !== namespace) continue;
      // the same number in the same namespace is the same process
      const fd = files.open(`${procfs}/${process}/status`, true);
      if (fd < 0) continue;
      const shown = this.#numbers(`/proc/self/fd/${fd}`, /^NStgid:(.*)$/m).at(-1);
      this.#calls.close(fd);
      if (shown === innermost) return entries(process, threads[i] ?? process);
    }
    return undefined;
  }

  #numbers(file: Path, line: RegExp): number[] {
    const [, text = ""] = line.exec(this.#files.readText(file) ?? "") ?? [];
    return Array.from(text.matchAll(/\d+/g), ([digits]) => Number(digits));
  }

  free(): void {
    this.rootsMayDiffer();
    this.#searching.free();
    this.#calls.free();
  }
}

function directoryOf(tid: number, dirfd: number): Path {
  return dirfd === AT_FDCWD ? `/proc/${tid}/cwd` : `/proc/${tid}/fd/${dirfd}`;
}
