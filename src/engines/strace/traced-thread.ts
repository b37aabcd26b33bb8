/** State of one traced thread between its stops. */
import type { DecodeContext } from "../../decoding/index.ts";
import type { OpenCall } from "./decoder.ts";
import type { LineCall } from "./line-call.ts";
import type { Injection } from "./plan.ts";
import type { TraceFile } from "./trace-file.ts";

/** A call that has been made and has not returned. */
export interface CallUnderWay {
  readonly context: DecodeContext;
  /** Absent: it is not shown, as the filters say. */
  readonly open: OpenCall | undefined;
  readonly isCounted: boolean;
  /** Of the steady clock. */
  readonly startNs: bigint;
  /** Processor time in the kernel, when it was made. */
  readonly systemNs: bigint;
  readonly injected: Injection | undefined;
  /** The text of its line so far, where a line is held back until its result is known. */
  held: string | undefined;
}

export class TracedThread {
  tid: number;
  sink: TraceFile;
  call: CallUnderWay | undefined;

  /** The call that it made last. */
  lastCall: LineCall | undefined;
  /** Its line is begun and not complete. */
  isLineOpen = false;
  /** Its first stop has been seen. */
  isKnown = false;
  /** The command, before its first execve: nothing of that is shown. */
  isHidden = false;
  /** Processor time in the kernel at its last stop. */
  systemNs = 0n;
  /** How often each call of an injection was made, by the place of the injection and the call. */
  readonly occurrences = new Map<string, number>();
  /** Until when it is held at its stop, on the clock of `performance.now()`. */
  heldUntilMs = 0;
  /** It is let go at its next stop. */
  isLeaving = false;

  constructor(tid: number, sink: TraceFile) {
    this.tid = tid;
    this.sink = sink;
  }
}
