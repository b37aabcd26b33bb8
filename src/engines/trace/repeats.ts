/**
 * Calls of one thread that are to be made again: the innermost last, since a signal handler makes calls that can be
 * interrupted in turn. Reported by where they were made from: a handler has another stack pointer.
 */
import type { TracedCall } from "../supervised/call/traced-call.ts";
import type { Former } from "../supervised/decide.ts";
import type { CallPlace, PendingCall } from "./pending.ts";

export interface Repeat {
  readonly former: Former;
  readonly place: CallPlace;
  /** Of a call that a signal has interrupted. */
  readonly interrupted: PendingCall | undefined;
}

/** Handlers that are left by siglongjmp leave theirs behind. */
const MOST = 8;

export class Repeats {
  #all: Repeat[] = [];
  /** Whether the last one may be over: only a handler decides that. */
  #isOpen = false;

  add(repeat: Repeat): void {
    this.#all.push(repeat);
    this.#isOpen = repeat.interrupted !== undefined;
    if (this.#all.length > MOST) this.#all.shift();
  }

  /** The call of which it is to be found out whether it is over. */
  get open(): PendingCall | undefined {
    return this.#isOpen ? this.#all.at(-1)?.interrupted : undefined;
  }

  /** It will be made again for certain. */
  settle(): void {
    this.#isOpen = false;
  }

  /** It is over. */
  drop(): void {
    this.#all.pop();
    this.#isOpen = false;
  }

  /** The one that is made again by this call. */
  take(call: TracedCall, place: CallPlace): Repeat | undefined {
    return this.#take(({ former }) => former.call.hasRegistersOf(call), place);
  }

  /** The one that restart_syscall from here continues. */
  takeInterrupted(place: CallPlace): PendingCall | undefined {
    return this.#take(({ interrupted }) => interrupted !== undefined, place)?.interrupted;
  }

  /** What lies above it was left behind. */
  #take(isIt: (repeat: Repeat) => boolean, { ip, sp }: CallPlace): Repeat | undefined {
    const at = this.#all.findLastIndex(
      (one) => one.place.ip === ip && one.place.sp === sp && isIt(one),
    );
    if (at < 0) return undefined;
    const found = this.#all[at];
    this.#all.length = at;
    this.#isOpen = false;
    return found;
  }

  clear(): void {
    this.#all = [];
    this.#isOpen = false;
  }
}
