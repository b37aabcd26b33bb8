/** The thread that made a call, as the variables of the language see it: what each of them is says src/variables. */
import type { Caller, Status } from "../../../variables/index.ts";
import { auditId, cgroupId, containerOf } from "../task/namespaces.ts";
import type { ProcFiles } from "../task/proc-files.ts";
import type { ReadCall } from "./read-call.ts";

export class CallerOf implements Caller {
  readonly #made: ReadCall;

  constructor(made: ReadCall) {
    this.#made = made;
  }

  get tid(): number {
    return this.#made.tid;
  }

  get comm(): Uint8Array {
    return this.#made.comm;
  }

  get call(): string {
    return this.#made.name;
  }

  get abi(): string {
    return this.#made.abi;
  }

  get nr(): number {
    return this.#made.nr;
  }

  get retval(): bigint | undefined {
    return this.#made.retval;
  }

  get durationNs(): bigint | undefined {
    return this.#made.durationNs;
  }

  status(): Status | undefined {
    return this.#made.credentials();
  }

  link(name: "exe" | "cwd" | "ns/mnt" | "ns/pid"): Uint8Array | undefined {
    return this.#made.link(name);
  }

  auditId(name: "loginuid" | "sessionid"): bigint | undefined {
    return auditId(this.#files, this.#made.task.tid, name);
  }

  cgroup(): bigint | undefined {
    return cgroupId(this.#files, this.#made.task.tid);
  }

  container(): Uint8Array | undefined {
    return containerOf(this.#files, this.#made.task.tid);
  }

  parentComm(): Uint8Array | undefined {
    const parent = this.#made.credentials()?.ppid;
    if (parent === undefined) return undefined;
    const name = this.#files.readText(`/proc/${parent}/comm`);
    return name === undefined ? undefined : Buffer.from(name.slice(0, -1), "latin1");
  }

  get #files(): ProcFiles {
    return this.#made.context.tasks.files;
  }
}
