/**
 * Says whether names in directories were made, taken away or exchanged, through inotify(7): the kernel queues an event before the
 * call returns that does so, so that a question asked afterwards is answered with it.
 */
import { INOTIFY_EVENT_SIZE } from "../base/linux-abi.ts";
import { Fd } from "./fd.ts";
import { check, kernel, syscall } from "./kernel.ts";
import type { FdWatch } from "./kernel-interface.ts";
import { Memory } from "./memory.ts";
import { NR } from "./number.ts";

/** IN_NONBLOCK | IN_CLOEXEC, which are those of open(2). */
const FLAGS = 0o4000 | 0o2000000;
/** IN_MOVED_FROM, IN_MOVED_TO, IN_CREATE, IN_DELETE. */
const NAMES = 0x3c0;
/** IN_DELETE_SELF, IN_MOVE_SELF. */
const SELF = 0xc00;
const IN_ONLYDIR = 0x01000000;
/** Events that have no name: the directory itself, its file system (IN_UNMOUNT), too many events (IN_Q_OVERFLOW), the end of a watch. */
const NAMELESS = SELF | 0x2000 | 0x4000 | 0x8000;
const BUFFER_SIZE = 16 * 1024;

export class DirectoryWatch {
  readonly #fd: Fd;
  readonly #buffer = Memory.allocate(BUFFER_SIZE);
  /** Names that matter, by watch. */
  readonly #names = new Map<number, Set<string>>();
  #watch: FdWatch | undefined;

  private constructor(fd: number) {
    this.#fd = new Fd(fd);
  }

  /** Throws SyscallError: EMFILE when the user has fs.inotify.max_user_instances of them. */
  static open(): DirectoryWatch {
    const result = syscall(NR.inotify_init1, FLAGS);
    return new DirectoryWatch(check(result, { call: "inotify_init1", what: "watch directories" }));
  }

  /**
   * Watches names of directories instead of those before; paths and names with one byte a character. Leaves out what the kernel refuses:
   * directories that may not be read, or are too many (fs.inotify.max_user_watches).
   */
  set(directories: ReadonlyMap<string, ReadonlySet<string>>): void {
    const before = new Set(this.#names.keys());
    this.#names.clear();
    for (const [path, names] of directories) {
      const watch = this.#add(path);
      if (watch < 0) continue;
      before.delete(watch);
      // two paths may be one directory
      const all = this.#names.get(watch) ?? new Set();
      for (const name of names) all.add(name);
      this.#names.set(watch, all);
    }
    for (const watch of before) syscall(NR.inotify_rm_watch, this.#fd.number, watch);
  }

  #add(path: string): number {
    using text = Memory.from(Buffer.from(`${path}\0`, "latin1"));
    const mask = NAMES | SELF | IN_ONLYDIR;
    return syscall(NR.inotify_add_watch, this.#fd.number, text.address, mask);
  }

  /** Whether one of the names may lead elsewhere than when they were last asked for. */
  hasChanged(): boolean {
    let hasChanged = false;
    for (;;) {
      const { address, view, bytes } = this.#buffer;
      const count = syscall(NR.read, this.#fd.number, address, BUFFER_SIZE);
      if (count <= 0) return hasChanged;
      for (let at = 0; at < count; ) {
        const names = this.#names.get(view.getInt32(at, true));
        const mask = view.getUint32(at + 4, true);
        const start = at + INOTIFY_EVENT_SIZE;
        at = start + view.getUint32(at + 12, true);
        if ((mask & NAMELESS) !== 0) hasChanged = true;
        else if (names !== undefined && !hasChanged) {
          const end = bytes.indexOf(0, start);
          hasChanged = names.has(Buffer.from(bytes.subarray(start, end)).toString("latin1"));
        }
      }
    }
  }

  /** Calls back on the event loop when there is something to ask for; does not keep the loop alive. */
  onEvent(callback: () => void): void {
    this.#watch?.stop();
    this.#watch = kernel().watch(this.#fd.number, callback);
    this.#watch.unref();
  }

  close(): void {
    this.#watch?.stop();
    this.#watch = undefined;
    this.#fd.close();
    this.#buffer.free();
  }
}
