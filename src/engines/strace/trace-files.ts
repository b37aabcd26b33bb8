/** The places that lines of processes go to: one for all, or a file for each. */
import { spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { errnoText } from "../../linux/index.ts";
import { check, Memory, syscall, X64 } from "../../sys/index.ts";
import type { OutputPlan } from "./plan.ts";
import { TraceFile } from "./trace-file.ts";

const STANDARD_ERROR = 2;
const O_CLOEXEC = 0x80000;

export class TraceFiles {
  readonly #plan: OutputPlan;
  readonly #shared: TraceFile | undefined;
  readonly #separate = new Map<number, TraceFile>();
  /** The command that reads the lines. */
  readonly readerPid: number | undefined;

  /** A line for the user. */
  readonly #notify: (text: string) => void;

  /** Throws where the file cannot be opened, as node:fs does. `notify`: of what can no longer be written. */
  constructor(plan: OutputPlan, notify: (text: string) => void) {
    this.#plan = plan;
    this.#notify = notify;
    const { to } = plan;
    if (to.kind === "command") {
      const { fd, pid } = openCommand(to.name);
      this.#shared = this.#file(fd, to.name);
      this.readerPid = pid;
    } else if (to.kind === "stderr") this.#shared = new TraceFile(STANDARD_ERROR);
    else if (!plan.separate)
      this.#shared = this.#file(openSync(to.name, plan.appends ? "a" : "w"), to.name);
  }

  #file(fd: number, name: string): TraceFile {
    return new TraceFile(fd, (errno) => this.#notify(`${name}: ${errnoText(errno) ?? errno}`));
  }

  of(tid: number): TraceFile {
    if (this.#shared !== undefined) return this.#shared;
    const known = this.#separate.get(tid);
    if (known !== undefined) return known;
    const { to, appends } = this.#plan;
    const name = to.kind === "file" ? to.name : "";
    const path = `${name}.${tid}`;
    const sink = this.#file(openSync(path, appends ? "a" : "w"), path);
    this.#separate.set(tid, sink);
    return sink;
  }

  ended(tid: number): void {
    this.#separate.get(tid)?.close();
    this.#separate.delete(tid);
  }

  /** Before a process continues that may write there too. */
  flushStandardError(): void {
    if (this.#plan.to.kind === "stderr") this.#shared?.flush();
  }

  flush(): void {
    this.#shared?.flush();
    for (const sink of this.#separate.values()) sink.flush();
  }

  close(): void {
    this.#shared?.close();
    for (const sink of this.#separate.values()) sink.close();
  }
}

/** The shell runs it; it reads what is written to the descriptor. */
function openCommand(command: string): { readonly fd: number; readonly pid: number | undefined } {
  using pair = Memory.allocate(8);
  check(syscall(X64.pipe2, pair.address, O_CLOEXEC), { call: "pipe2" });
  const [read, write] = [pair.view.getInt32(0, true), pair.view.getInt32(4, true)];
  const child = spawn("/bin/sh", ["-c", command], { stdio: [read, "inherit", "inherit"] });
  child.unref();
  closeSync(read);
  return { fd: write, pid: child.pid };
}
