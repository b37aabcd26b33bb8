/**
 * Says when files are gone for good: no name and no open descriptor left, or their file system unmounted. Until then
 * a watch keeps the inode in memory, so its number is not given to another file. Unlike an open descriptor it keeps
 * neither the file's space nor its mount.
 */
import { INOTIFY_EVENT_SIZE } from "../base/linux-abi.ts";
import { Fd } from "./fd.ts";
import { check, kernel, syscall } from "./kernel.ts";
import type { FdWatch } from "./kernel-interface.ts";
import { Memory } from "./memory.ts";
import { NR } from "./number.ts";

/** IN_NONBLOCK | IN_CLOEXEC, which are those of open(2). */
const FLAGS = 0o4000 | 0o2000000;
const IN_DELETE_SELF = 0x400;
/** The watch has ended: the file is deleted, its file system unmounted, or it was removed by us. */
const IN_IGNORED = 0x8000;
const BUFFER_SIZE = 4096;

export class Inotify {
  readonly #fd: Fd;
  readonly #buffer = Memory.allocate(BUFFER_SIZE);
  #watch: FdWatch | undefined;

  private constructor(fd: number) {
    this.#fd = new Fd(fd);
  }

  /** Throws SyscallError: EMFILE when the user has fs.inotify.max_user_instances of them. */
  static open(): Inotify {
    const result = syscall(NR.inotify_init1, FLAGS);
    return new Inotify(check(result, { call: "inotify_init1", what: "watch files" }));
  }

  /** Number of the watch on the file behind a path, the same for the same file; undefined where the kernel refuses. */
  add(path: string): number | undefined {
    using name = Memory.fromText(path);
    const result = syscall(NR.inotify_add_watch, this.#fd.number, name.address, IN_DELETE_SELF);
    return result < 0 ? undefined : result;
  }

  remove(watch: number): void {
    syscall(NR.inotify_rm_watch, this.#fd.number, watch);
  }

  /** Calls back on the event loop when `ended` has something to report; does not keep the loop alive. */
  onEnd(callback: () => void): void {
    this.#watch?.stop();
    this.#watch = kernel().watch(this.#fd.number, callback);
    this.#watch.unref();
  }

  /** Numbers of the watches that have ended since the last time; a number is not given again. */
  ended(): number[] {
    const ended: number[] = [];
    for (;;) {
      const bytes = syscall(NR.read, this.#fd.number, this.#buffer.address, BUFFER_SIZE);
      if (bytes <= 0) return ended;
      for (
        let at = 0;
        at < bytes;
        at += INOTIFY_EVENT_SIZE + this.#buffer.view.getUint32(at + 12, true)
      )
        if ((this.#buffer.view.getUint32(at + 4, true) & IN_IGNORED) !== 0)
          ended.push(this.#buffer.view.getInt32(at, true));
    }
  }

  close(): void {
    this.#watch?.stop();
    this.#watch = undefined;
    this.#fd.close();
    this.#buffer.free();
  }
}
