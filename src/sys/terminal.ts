/** The controlling terminal, for programs that ask a question while other programs use it (ioctl_tty(2), termios(3)). */
import { closeSync, constants, openSync, readSync, writeSync } from "node:fs";
import { SIG_SETMASK, SIGTTOU } from "../base/linux-abi.ts";
import { EAGAIN } from "./errno.ts";
import { syscall } from "./kernel.ts";
import { Memory } from "./memory.ts";
import { NR } from "./number.ts";

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
const Termios = { iflag: 0, oflag: 4, lflag: 12, size: 36 } as const;
const ICRNL = 0x100;
const OPOST = 0x1;
const ONLCR = 0x4;
const ICANON = 0x2;
const ECHO = 0x8;

export class Terminal {
  readonly #fd: number;
  readonly #buffer = Buffer.alloc(4096);

  /** Throws a Node error if there is none: ENXIO. */
  constructor() {
    const { O_RDWR, O_NONBLOCK, O_NOCTTY } = constants;
    this.#fd = openSync("/dev/tty", O_RDWR | O_NONBLOCK | O_NOCTTY);
  }

  /**
   * Makes the terminal ours until the function returned is called: our process group is in the foreground, lines are
   * edited and echoed, and what was typed before is dropped. Other processes that read meanwhile
   * stop, as jobs in the background do.
   */
  takeOver(): () => void {
    const group = this.#foreground();
    const ours = syscall(NR.getpgid, 0);
    if (group !== undefined && group !== ours) this.#setForeground(ours);
    const before = Memory.allocate(Termios.size);
    const isKnown = this.#ioctl(TCGETS, before) === 0;
    using lines = Memory.from(forLines(before.bytes));
    const isChanged = isKnown && !Buffer.from(lines.bytes).equals(before.bytes);
    if (isChanged) this.#ioctl(TCSETS, lines);
    this.#ioctl(TCFLSH, TCIFLUSH);
    return () => {
      if (isChanged) this.#ioctl(TCSETS, before);
      before.free();
      // not if somebody has taken it from us
      if (group !== undefined && group !== ours && this.#foreground() === ours)
        this.#setForeground(group);
    };
  }

  /** What was typed, up to 4096 bytes; undefined: nothing yet. Throws when the terminal is gone. */
  read(): string | undefined {
    const count = unlessBusy(() => readSync(this.#fd, this.#buffer));
    if (count === 0) throw new Error("the terminal is gone");
    return count === undefined ? undefined : this.#buffer.toString("utf8", 0, count);
  }

  /** Bytes that it took; 0 while it takes nothing, as after Ctrl-S. Throws when it is gone. */
  write(bytes: Uint8Array): number {
    return unlessBusy(() => writeSync(this.#fd, bytes)) ?? 0;
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
  return lines;
}

/** A process that changes a terminal from the background stops, unless the signal for that is blocked. */
function withoutStopping<T>(action: () => T): T {
  using sets = Memory.allocate(2 * SIGSET_SIZE);
  const before = sets.address + SIGSET_SIZE;
  sets.view.setUint32(0, 1 << (SIGTTOU - 1), true);
  syscall(NR.rt_sigprocmask, SIG_BLOCK, sets.address, before, SIGSET_SIZE);
  try {
    return action();
  } finally {
    syscall(NR.rt_sigprocmask, SIG_SETMASK, before, 0, SIGSET_SIZE);
  }
}
