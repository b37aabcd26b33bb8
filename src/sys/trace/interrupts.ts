/**
 * Signals to this process while its main thread waits inside the kernel. Node's own handlers have the kernel repeat a
 * wait that a signal has interrupted, and JavaScript would hear of the signal after the next event at the earliest.
 * The handler here is machine code that sets a byte; the wait ends with EINTR. A signal that comes right before a wait
 * would end none: so the handler also starts a timer (setitimer(2)), whose signals end waits until somebody has asked.
 */
import {
  MAP_ANONYMOUS,
  MAP_PRIVATE,
  PAGE_SIZE,
  PROT_EXEC,
  PROT_READ,
  PROT_WRITE,
  SIGALRM,
} from "../../base/linux-abi.ts";
import { check, kernel, syscall } from "../kernel.ts";
import { Memory } from "../memory.ts";
import { X64 } from "./number.ts";

/** Without SA_RESTART: an interrupted wait returns. */
const SA_RESTORER = 0x0400_0000n;
const SIG_IGN = 1n;
/**
 * `mov rax, FLAGS; mov byte [rax + rdi], 1`, and setitimer(ITIMER_REAL, TIMER, NULL): `mov eax, 38; xor edi, edi;
 * mov rsi, TIMER; xor edx, edx; syscall; ret`
 */
function handlerCode(flags: number, timer: number): readonly number[] {
  const set = [0x48, 0xb8, ...addressBytes(flags), 0xc6, 0x04, 0x38, 0x01];
  const number = [0xb8, X64.setitimer, 0, 0, 0];
  const call = [0x31, 0xff, 0x48, 0xbe, ...addressBytes(timer), 0x31, 0xd2, 0x0f, 0x05];
  return [...set, ...number, ...call, 0xc3];
}

function addressBytes(address: number): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(address), true);
  return bytes;
}

/** `mov eax, 15; syscall`: rt_sigreturn. */
const RESTORER = [0xb8, 0x0f, 0, 0, 0, 0x0f, 0x05];
const SIGNALS = 65;
/** struct itimerval: interval and first time, each seconds and microseconds. */
const ITIMERVAL_SIZE = 32;
/** So late may a signal be noticed that comes right before a wait. */
const AGAIN_US = 20_000n;

export class Interrupts {
  readonly #flags = Memory.allocate(SIGNALS);
  readonly #timer = Memory.allocate(ITIMERVAL_SIZE);
  readonly #noTimer = Memory.allocate(ITIMERVAL_SIZE);
  readonly #code: number;
  readonly #restorer: number;

  constructor() {
    this.#code = check(
      syscall(X64.mmap, 0, PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
      { call: "mmap" },
    );
    for (const at of [8, 24]) this.#timer.view.setBigInt64(at, AGAIN_US, true);
    const handler = handlerCode(this.#flags.address, this.#timer.address);
    this.#restorer = this.#code + handler.length;
    new Uint8Array(kernel().view(this.#code, PAGE_SIZE)).set([...handler, ...RESTORER]);
    check(syscall(X64.mprotect, this.#code, PAGE_SIZE, PROT_READ | PROT_EXEC), {
      call: "mprotect",
      command: "PROT_EXEC",
    });
    this.#act(SIGALRM, BigInt(this.#code));
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
    view.setBigUint64(16, BigInt(this.#restorer), true);
    syscall(X64.rt_sigaction, signal, action.address, 0, 8);
  }

  /** A signal that came since it was asked last; 0: none. */
  take(): number {
    const { bytes } = this.#flags;
    if (bytes.indexOf(1) < 0) return 0;
    syscall(X64.setitimer, 0, this.#noTimer.address, 0);
    bytes[SIGALRM] = 0;
    const signal = bytes.indexOf(1);
    if (signal < 0) return 0;
    bytes[signal] = 0;
    return signal;
  }
}
