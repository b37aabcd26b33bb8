/** Where the command waits, in the middle of its script, until somebody lets it continue. */
import { check, Fd, Memory, syscall, X64 } from "../../../sys/index.ts";
import type { SyscallScript } from "./script.ts";

const EFD_CLOEXEC = 0x80000;
/** Of an eventfd: a number. */
const SIZE = 8;

export class Gate {
  readonly #fd: Fd;

  constructor() {
    this.#fd = new Fd(check(syscall(X64.eventfd2, 0, EFD_CLOEXEC), { call: "eventfd2" }));
  }

  /** For another process that may open it. */
  get descriptor(): number {
    return this.#fd.number;
  }

  /** Makes the script wait here. */
  addTo(script: SyscallScript): void {
    script.add(X64.read, this.#fd.number, script.place(new Uint8Array(SIZE)), SIZE);
  }

  open(): void {
    using one = Memory.from(Uint8Array.of(1, ...new Uint8Array(SIZE - 1)));
    syscall(X64.write, this.#fd.number, one.address, SIZE);
  }

  /** Not before the waiting process has gone through, if it shares our descriptors. */
  close(): void {
    this.#fd.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}
