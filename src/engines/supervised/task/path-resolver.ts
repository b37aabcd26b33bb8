/**
 * Which file a path of another process names. The answer is that of the moment: who can rename or relink meanwhile can
 * make it wrong.
 */
import { goOnFrom, Lookup, type OwnEntries } from "./lookup.ts";
import type { ProcFiles } from "./proc-files.ts";
import { latin1, NameCalls, type Path, RootedFiles } from "./rooted-files.ts";

const AT_FDCWD = -100;

export interface PathRequest {
  readonly tid: number;
  readonly tgid: number;
  /** Directory that a relative path begins at; AT_FDCWD: the working directory. */
  readonly dirfd: number;
  readonly path: Uint8Array;
  /** Whether a symbolic link at the end is followed. */
  readonly follow: boolean;
  /** Whether the directory is taken for the root. */
  readonly isRoot: boolean;
}

export class PathResolver {
  readonly #files: ProcFiles;
  readonly #calls = new NameCalls();
  /** Our own root, while it is that of all whose paths we resolve: neither it nor their names need to be asked for. */
  #shared: RootedFiles | undefined;

  constructor(files: ProcFiles) {
    this.#files = files;
  }

  /** All whose paths are resolved have our root and see our mounts, until `rootsMayDiffer`. */
  shareRoot(): void {
    const root = this.#calls.open("/");
    if (root >= 0) this.#shared = new RootedFiles(this.#calls, root, "/");
  }

  /** Somebody is about to get another root or other mounts: from now on each is asked for its own. */
  rootsMayDiffer(): void {
    this.#shared?.close();
    this.#shared = undefined;
  }

  /** Absolute path as seen from our root; undefined if it cannot be found out. */
  resolve(request: PathRequest): Uint8Array | undefined {
    const tid = this.#files.ownerOf(request.tid);
    const found = request.isRoot
      ? this.#findBelow(directoryOf(tid, request.dirfd), tid, request)
      : this.#shared === undefined
        ? this.#findBelow(`/proc/${tid}/root`, tid, request)
        : this.#find(this.#shared, tid, request);
    return found === undefined ? undefined : Buffer.from(found, "latin1");
  }

  /** `link`: to the root. */
  #findBelow(link: Path, tid: number, request: PathRequest): Path | undefined {
    const name = this.#calls.readLink(link);
    const fd = name === undefined ? -1 : this.#calls.open(link);
    if (name === undefined || fd < 0) return undefined;
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
  ): Path | undefined {
    const text = isRoot ? goOnFrom("/", latin1(path)) : latin1(path);
    const own = () => this.#ownEntries(files, tid, tgid);
    if (text.startsWith("/")) return new Lookup(files, own).find(text, follow)?.name;
    const directory = this.#calls.readLink(directoryOf(tid, dirfd));
    if (directory === undefined || text === "") return directory;
    // what is beyond the root of the process is found by nobody's lookup but its own
    const inside = files.inside(directory);
    if (inside === undefined) return undefined;
    return new Lookup(files, own).find(goOnFrom(inside, text), follow)?.name;
  }

  /** In a pid namespace of its own a process has another id, and may have a /proc that shows it. */
  #ownEntries(files: RootedFiles, tid: number, tgid: number): OwnEntries | undefined {
    const entries = (process: number, thread: number): OwnEntries => ({
      self: `/proc/${process}`,
      threadSelf: `/proc/${process}/task/${thread}`,
    });
    if (files === this.#shared) return entries(tgid, tid);
    const [processes = [], threads = []] = [/^NStgid:(.*)$/m, /^NSpid:(.*)$/m].map((line) =>
      this.#numbers(`/proc/${tid}/status`, line),
    );
    const namespace = this.#calls.readLink(`/proc/${tid}/ns/pid`);
    const innermost = processes.at(-1);
    for (const [i, process] of processes.entries()) {
      const ns = files.readLink(`/proc/${process}/ns/pid`)?.target;
      if (ns === undefined || ns !== namespace) continue;
      // the same number in the same namespace is the same process
      const fd = files.open(`/proc/${process}/status`, true);
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
    this.#calls.free();
  }
}

function directoryOf(tid: number, dirfd: number): Path {
  return dirfd === AT_FDCWD ? `/proc/${tid}/cwd` : `/proc/${tid}/fd/${dirfd}`;
}
