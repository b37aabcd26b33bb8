/** The controlling terminal, for programs that ask a question while other programs use it (ioctl_tty(2), termios(3)). */
import { closeSync, constants, openSync, readSync, writeSync } from "node:fs";
import { SIG_SETMASK, SIGCONT, SIGINT, SIGSTOP, SIGTTIN, SIGTTOU } from "../base/linux-abi.ts";
import { EAGAIN } from "./errno.ts";
import { syscall } from "./kernel.ts";
import { Memory } from "./memory.ts";
import { NR } from "./number.ts";
import { ownGroup, processGroupOf, standApart } from "./stand-apart.ts";
import { kill } from "./trace/signal.ts";

/** include/uapi/asm-generic/ioctls.h */
const TCGETS = 0x5401;
const TCSETS = 0x5402;
const TCFLSH = 0x540b;
const TIOCGPGRP = 0x540f;
const TIOCSPGRP = 0x5410;
const TCIFLUSH = 0;
const SIG_BLOCK = 0;
/** Bytes of the kernel's sigset_t. */
const SIGSET_SIZE = 8;
/** struct termios, include/uapi/asm-generic/termbits.h: offsets of u32 flags. */
const Termios = { iflag: 0, oflag: 4, lflag: 12, controls: 17, size: 36 } as const;
const ICRNL = 0x100;
const OPOST = 0x1;
const ONLCR = 0x4;
const ISIG = 0x1;
const ICANON = 0x2;
const ECHO = 0x8;
/** Of the control characters. */
const VINTR = 0;
const VEOL = 11;

export interface TakenTerminal {
  /** To those who had it before. */
  giveBack(): void;
  /** As Ctrl-C does it there; afterwards. */
  interrupt(): void;
}

export class Terminal {
  readonly #fd: number;
  readonly #buffer = Buffer.alloc(4096);
  /** Groups that were in the foreground: processes of theirs may have stopped. */
  #others = new Set<number>();

  /** Throws a Node error if there is none: ENXIO. */
  constructor() {
    const { O_RDWR, O_NONBLOCK, O_NOCTTY } = constants;
    this.#fd = openSync("/dev/tty", O_RDWR | O_NONBLOCK | O_NOCTTY);
  }

  /**
   * Makes the terminal ours until it is given back: we are in the foreground, without the programs that we have started, lines are
   * edited and echoed, and what was typed before is dropped. Other processes that read meanwhile stop, as jobs in the background do.
   * Ctrl-C sends no signal: the line that is read ends with it.
   */
  takeOver(): TakenTerminal {
    const group = this.#foreground();
    const before = ownGroup();
    // where our own group is in the foreground, others in it would read as we do
    const goBack = group === before || before !== process.pid ? standApart() : undefined;
    const ours = ownGroup();
    this.#others = new Set(group === undefined || group === ours ? [] : [group]);
    if (group !== ours) this.#setForeground(ours);
    // a read that waits already would get what is typed: it is made again, in the background now
    const isStranger = group !== before && group === processGroupOf(process.ppid);
    if (group !== undefined && group !== ours && !isStranger) {
      signalGroup(group, SIGSTOP);
      signalGroup(group, SIGCONT);
    }
    const settings = Memory.allocate(Termios.size);
    const isKnown = this.#ioctl(TCGETS, settings) === 0;
    using lines = Memory.from(forLines(settings.bytes));
    const isChanged = isKnown && !Buffer.from(lines.bytes).equals(settings.bytes);
    if (isChanged) this.#ioctl(TCSETS, lines);
    this.#ioctl(TCFLSH, TCIFLUSH);
    const giveBack = (): void => {
      if (isChanged) this.#ioctl(TCSETS, settings);
      settings.free();
      // not if somebody has taken it from us
      if (group !== undefined && group !== ours && this.#foreground() === ours)
        this.#setForeground(group);
      goBack?.();
      for (const other of this.#others) signalGroup(other, SIGCONT);
    };
    return {
      giveBack,
      interrupt: () => {
        if (group !== undefined) signalGroup(group, SIGINT);
      },
    };
  }

  /** What was typed, up to 4096 bytes; undefined: nothing yet. Throws when the terminal is gone. */
  read(): string | undefined {
    const count = withoutStopping(() => this.#readSome());
    if (count === 0) throw new Error("the terminal is gone");
    return count === undefined ? undefined : this.#buffer.toString("utf8", 0, count);
  }

  /** Undefined: nothing yet. 0: it is gone. */
  #readSome(): number | undefined {
    try {
      return unlessBusy(() => readSync(this.#fd, this.#buffer));
    } catch (error) {
      // an interactive shell that has seen its job stop takes the terminal
      const taker = this.#foreground();
      if (taker === undefined || taker === ownGroup()) throw error;
      this.#others.add(taker);
      this.#setForeground(ownGroup());
      return undefined;
    }
  }

  /** Bytes that it took; 0 while it takes nothing, as after Ctrl-S. Throws when it is gone. */
  write(bytes: Uint8Array): number {
    return withoutStopping(() => unlessBusy(() => writeSync(this.#fd, bytes)) ?? 0);
  }

  close(): void {
    closeSync(this.#fd);
  }

  /** The process group that may read; undefined if it is not known. */
  #foreground(): number | undefined {
    using group = Memory.allocate(4);
    if (this.#ioctl(TIOCGPGRP, group) !== 0) return undefined;
    return group.view.getInt32(0, true);
  }

  /** Nothing happens when the group is gone. */
  #setForeground(id: number): void {
    using group = Memory.allocate(4);
    group.view.setInt32(0, id, true);
    this.#ioctl(TIOCSPGRP, group);
  }

  #ioctl(request: number, argument: Memory | number): number {
    const value = typeof argument === "number" ? argument : argument.address;
    return withoutStopping(() => syscall(NR.ioctl, this.#fd, request, value));
  }
}

/** Undefined where the call would have had to wait. */
function unlessBusy(call: () => number): number | undefined {
  try {
    return call();
  } catch (error) {
    if (error instanceof Error && "errno" in error && error.errno === -EAGAIN) return undefined;
    throw error;
  }
}

/** What is needed to read lines as people type them. */
function forLines(settings: Uint8Array): Uint8Array {
  const lines = Uint8Array.from(settings);
  const view = new DataView(lines.buffer);
  const set = (offset: number, flags: number): void =>
    view.setUint32(offset, view.getUint32(offset, true) | flags, true);
  set(Termios.iflag, ICRNL);
  set(Termios.oflag, OPOST | ONLCR);
  set(Termios.lflag, ICANON | ECHO);
  view.setUint32(Termios.lflag, view.getUint32(Termios.lflag, true) & ~ISIG, true);
  lines[Termios.controls + VEOL] = lines[Termios.controls + VINTR] ?? 0;
  return lines;
}

/** A process that uses a terminal from the background stops, unless the signals for that are blocked. */
function withoutStopping<T>(action: () => T): T {
  using sets = Memory.allocate(2 * SIGSET_SIZE);
  const before = sets.address + SIGSET_SIZE;
  sets.view.setUint32(0, (1 << (SIGTTIN - 1)) | (1 << (SIGTTOU - 1)), true);
  syscall(NR.rt_sigprocmask, SIG_BLOCK, sets.address, before, SIGSET_SIZE);
  try {
    return action();
  } finally {
    syscall(NR.rt_sigprocmask, SIG_SETMASK, before, 0, SIGSET_SIZE);
  }
}

function signalGroup(group: number, signal: number): void {
  kill(-group, signal);
}
