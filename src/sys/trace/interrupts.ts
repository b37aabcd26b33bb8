/**
 * Signals to this process while its main thread waits inside the kernel. Node's own handlers have the kernel repeat a
 * wait that a signal has interrupted, and JavaScript would hear of the signal after the next event at the earliest.
 * The handler here is machine code that sets a byte; the wait ends with EINTR.
 */
import {
  MAP_ANONYMOUS,
  MAP_PRIVATE,
  PAGE_SIZE,
  PROT_EXEC,
  PROT_READ,
  PROT_WRITE,
} from "../../base/linux-abi.ts";
import { check, kernel, syscall } from "../kernel.ts";
import { Memory } from "../memory.ts";
import { X64 } from "./number.ts";

/** Without SA_RESTART: an interrupted wait returns. */
const SA_RESTORER = 0x0400_0000n;
const SIG_IGN = 1n;
/** `mov rax, FLAGS; mov byte [rax + rdi], 1; ret` */
const HANDLER_SIZE = 15;
/** `mov eax, 15; syscall`: rt_sigreturn. */
const RESTORER = [0xb8, 0x0f, 0, 0, 0, 0x0f, 0x05];
const SIGNALS = 65;

export class Interrupts {
  readonly #flags = Memory.allocate(SIGNALS);
  readonly #code: number;

  constructor() {
    this.#code = check(
      syscall(X64.mmap, 0, PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
      { call: "mmap" },
    );
    const code = new Uint8Array(kernel().view(this.#code, PAGE_SIZE));
    const address = new Uint8Array(8);
    new DataView(address.buffer).setBigUint64(0, BigInt(this.#flags.address), true);
    code.set([0x48, 0xb8, ...address, 0xc6, 0x04, 0x38, 0x01, 0xc3, ...RESTORER]);
    check(syscall(X64.mprotect, this.#code, PAGE_SIZE, PROT_READ | PROT_EXEC), {
      call: "mprotect",
      command: "PROT_EXEC",
    });
  }

  /** From now on the signal only ends a wait, and is remembered. */
  catch(signal: number): void {
    this.#act(signal, BigInt(this.#code));
  }

  ignore(signal: number): void {
    this.#act(signal, SIG_IGN);
  }

  #act(signal: number, handler: bigint): void {
    using action = Memory.allocate(32);
    const { view } = action;
    view.setBigUint64(0, handler, true);
    view.setBigUint64(8, SA_RESTORER, true);
    view.setBigUint64(16, BigInt(this.#code + HANDLER_SIZE), true);
    syscall(X64.rt_sigaction, signal, action.address, 0, 8);
  }

  /** A signal that came since it was asked last; 0: none. */
  take(): number {
    const signal = this.#flags.bytes.indexOf(1);
    if (signal < 0) return 0;
    this.#flags.bytes[signal] = 0;
    return signal;
  }
}
