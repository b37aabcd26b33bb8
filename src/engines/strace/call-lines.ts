/** The lines of calls: what of them is shown, when, and how it is laid out. */
import { ERESTART_RESTARTBLOCK, ERESTARTSYS, MAX_ERRNO } from "../../base/linux-abi.ts";
import { type DecodeContext, type DecodeOptions, decodeSiginfo } from "../../decoding/index.ts";
import { nativeAbi } from "../../linux/index.ts";
import type { ProcessMemory } from "../../sys/index.ts";
import type { RegisterAccess } from "../trace/registers.ts";
import { secondsText } from "./clock.ts";
import { type OpenCall, openCall, openRawCall } from "./decoder.ts";
import { descriptorDetails } from "./descriptor-details.ts";
import { dumpText } from "./dump.ts";
import type { Lines } from "./lines.ts";
import { PathFilter } from "./path-filter.ts";
import { type Injection, type ReturnStatus, STATUSES, type TracePlan } from "./plan.ts";
import type { Summary } from "./summary.ts";
import { descriptorPath, memoryOf, stackPointerOf } from "./task-view.ts";
import type { TracedThread } from "./traced-thread.ts";

export class CallLines {
  readonly #plan: TracePlan;
  readonly #lines: Lines;
  readonly #memory: ProcessMemory;
  readonly #registers: RegisterAccess;
  readonly #summary: Summary | undefined;
  readonly #short: DecodeOptions;
  readonly #long: DecodeOptions;
  /** Whether a line is printed depends on its result: until then it is held back. */
  readonly #holds: boolean;
  readonly #measures: boolean;
  readonly #showsPlace: boolean;
  readonly #paths: PathFilter;

  constructor(
    plan: TracePlan,
    {
      lines,
      memory,
      registers,
      summary,
    }: {
      readonly lines: Lines;
      readonly memory: ProcessMemory;
      readonly registers: RegisterAccess;
      readonly summary: Summary | undefined;
    },
  ) {
    this.#plan = plan;
    this.#lines = lines;
    this.#memory = memory;
    this.#registers = registers;
    this.#summary = summary;
    this.#short = { ...plan.decode, abbreviate: true };
    this.#long = { ...plan.decode, abbreviate: false };
    this.#showsPlace = plan.lines.hasNumber || plan.lines.hasInstruction;
    this.#paths = new PathFilter(plan.paths, memory);
    this.#holds = plan.statuses.size < STATUSES.length;
    this.#measures = plan.lines.duration !== undefined || summary !== undefined;
  }

  /** At the stop before a call; the registers were read. */
  entered(thread: TracedThread, injected: (thread: TracedThread) => Injection | undefined): void {
    const { nr, abi, args, place } = this.#registers;
    const plan = this.#plan;
    const context = this.#contextOf(thread.tid, nr, abi, [...args]);
    const isAbout = this.#paths.holds(thread.tid, context);
    const isShown = isAbout && plan.traced(nr, abi);
    // before it is decoded: what is written over is what the kernel sees
    const injection = isShown ? injected(thread) : undefined;
    const counts = isShown && plan.summary?.only === true;
    const open = isShown && !counts ? this.#open(context) : undefined;
    const startNs = this.#measures ? process.hrtime.bigint() : 0n;
    thread.call = {
      context,
      open,
      isCounted: isShown,
      startNs,
      systemNs: thread.systemNs,
      injected: injection,
      held: undefined,
    };
    if (this.#showsPlace) thread.lastCall = { nr, ip: place.ip };
    if (open === undefined) return;
    const prefix = this.#lines.prefix(thread, thread.lastCall);
    if (this.#holds) thread.call.held = prefix;
    else {
      this.#lines.begin(thread, prefix);
      thread.sink.write(open.text);
    }
  }

  #open(context: DecodeContext): OpenCall {
    return this.#plan.raw(context.nr, context.abi) ? openRawCall(context) : openCall(context);
  }

  /** What a signal brings. */
  siginfoText(tid: number, info: Uint8Array): string {
    return decodeSiginfo(this.#contextOf(tid, 0, nativeAbi, []), info);
  }

  #contextOf(
    tid: number,
    nr: number,
    abi: DecodeContext["abi"],
    args: readonly bigint[],
  ): DecodeContext {
    return {
      abi,
      nr,
      args,
      memory: memoryOf(tid, this.#memory),
      descriptor: (fd) => descriptorPath(tid, fd),
      descriptorDetails: (fd) => descriptorDetails(tid, fd),
      stackPointer: () => stackPointerOf(tid),
      options: this.#plan.abbreviated(nr, abi) ? this.#short : this.#long,
    };
  }

  /** At the stop where a call returns. */
  returned(thread: TracedThread, ret: bigint): void {
    const { call } = thread;
    thread.call = undefined;
    if (call === undefined) return;
    const tookNs = this.#measures ? process.hrtime.bigint() - call.startNs : 0n;
    const error = ret < 0n && ret >= -BigInt(MAX_ERRNO);
    if (call.isCounted)
      this.#summary?.add(call.context, {
        tookNs,
        systemNs: thread.systemNs - call.systemNs,
        error,
      });
    if (call.open === undefined) return;
    const status: ReturnStatus = isRestart(ret) ? "unavailable" : error ? "failed" : "successful";
    if (this.#holds) {
      if (!this.#plan.statuses.has(status)) return;
      this.#lines.begin(thread, call.held ?? "");
      thread.sink.write(call.open.text);
    } else this.#resume(thread, call.open.name);
    thread.sink.write(`${call.open.exit(ret)})`);
    this.#align(thread);
    this.#lines.end(
      thread,
      `${call.open.result(ret)}${injectedText(call.injected)}${this.#took(tookNs)}`,
    );
    if (!error) thread.sink.write(dumpText(call.context, ret, this.#plan));
  }

  /** The thread ends in the call. */
  endsInside(thread: TracedThread): void {
    const { call } = thread;
    thread.call = undefined;
    if (call?.open === undefined) return;
    if (this.#holds) {
      if (!this.#plan.statuses.has("unfinished")) return;
      this.#lines.begin(thread, call.held ?? "");
      thread.sink.write(call.open.text);
    } else this.#resume(thread, call.open.name);
    thread.sink.write(call.open.needsExit ? " <unfinished ...>)" : ")");
    this.#align(thread);
    this.#lines.end(thread, "= ?");
  }

  /** The trace leaves the thread inside a call. */
  detached(thread: TracedThread): void {
    const { call } = thread;
    if (call?.open === undefined) return;
    if (this.#holds) {
      if (!this.#plan.statuses.has("detached")) return;
      this.#lines.begin(thread, `${call.held ?? ""}${call.open.text}`);
    }
    if (this.#lines.isOpen(thread)) this.#lines.end(thread, " <detached ...>");
  }

  /** Continues the line, after a mark where something has been written since. */
  #resume(thread: TracedThread, name: string): void {
    if (this.#lines.isOpen(thread)) return;
    this.#lines.begin(thread, this.#lines.prefix(thread, thread.lastCall));
    thread.sink.write(`<... ${name} resumed>`);
  }

  /** Behind the parenthesis. */
  #align({ sink }: TracedThread): void {
    sink.write(" ".repeat(Math.max(1, this.#plan.lines.column - sink.column)));
  }

  #took(ns: bigint): string {
    const { duration } = this.#plan.lines;
    return duration === undefined ? "" : ` <${secondsText(ns, duration)}>`;
  }
}

/** The kernel makes the call again, and the program never sees this. */
function isRestart(ret: bigint): boolean {
  return ret <= -BigInt(ERESTARTSYS) && ret >= -BigInt(ERESTART_RESTARTBLOCK);
}

function injectedText(injection: Injection | undefined): string {
  if (injection === undefined) return "";
  const { errno, retval, syscall, delayEnterUs, delayExitUs, pokes } = injection;
  // a signal has a line of its own
  const changes = errno !== undefined || retval !== undefined || syscall !== undefined;
  const delays = delayEnterUs !== undefined || delayExitUs !== undefined;
  const what = pokes.length === 0 ? "" : changes ? ": args, retval" : ": args";
  return `${changes || what !== "" ? ` (INJECTED${what})` : ""}${delays ? " (DELAYED)" : ""}`;
}
