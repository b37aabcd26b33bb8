/** Threads that made calls lately, with their descriptors; the one unused for longest is closed first. */
import type { ProcFiles } from "./proc-files.ts";
import { processOf, Task } from "./task.ts";

const MOST_TASKS = 200;

export interface SeenTask {
  readonly task: Task;
  readonly comm: Uint8Array;
}

export class TaskTable {
  readonly files: ProcFiles;
  /** In order of use, oldest first. */
  readonly #tasks = new Map<number, Task>();
  readonly #expires: boolean;

  /** `expires`: rules look at what changes without a call that we see. */
  constructor(expires: boolean, files: ProcFiles) {
    this.#expires = expires;
    this.files = files;
  }

  /** The thread with its name of now; undefined: there is no such thread any more. */
  see(tid: number): SeenTask | undefined {
    const known = this.#tasks.get(tid);
    const comm = known?.comm();
    if (known !== undefined && comm !== undefined) {
      if (this.#expires) known.expire();
      return { task: known, comm };
    }
    if (known !== undefined) this.forget(tid);
    const task = new Task(tid, this.files);
    const name = task.comm();
    if (name === undefined) {
      task.close();
      return undefined;
    }
    this.#makeRoom();
    this.#tasks.set(tid, task);
    return { task, comm: name };
  }

  /** Marks what is known of ids as out of date. A thread that executes becomes the first one of its process. */
  forgetCredentials(tid: number): void {
    if (this.#tasks.size === 0) return;
    const known = this.#tasks.get(tid);
    const first = known?.identity()?.tgid ?? processOf(this.files, tid);
    known?.forgetCredentials();
    if (first !== undefined && first !== tid) this.#tasks.get(first)?.forgetCredentials();
  }

  forget(tid: number): void {
    this.#tasks.get(tid)?.close();
    this.#tasks.delete(tid);
  }

  /** Those that are still there: the number of another may be a stranger's by now. */
  living(): number[] {
    return [...this.#tasks.values()].flatMap((task) => (task.comm() === undefined ? [] : task.tid));
  }

  #makeRoom(): void {
    if (this.#tasks.size < MOST_TASKS) return;
    const [oldest] = this.#tasks.keys();
    if (oldest !== undefined) this.forget(oldest);
  }

  close(): void {
    for (const task of this.#tasks.values()) task.close();
    this.#tasks.clear();
    this.files.free();
  }
}
