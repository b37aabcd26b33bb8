/** Does to calls what -e inject asks for: at which of them, and how. */
import { findCall } from "../../linux/index.ts";
import { type ProcessMemory, Reg } from "../../sys/index.ts";
import type { RegisterAccess } from "../trace/registers.ts";
import type { Injection, MemoryPoke } from "./plan.ts";
import type { TracedThread } from "./traced-thread.ts";

/** No call: the kernel answers ENOSYS, and does nothing. */
const NO_CALL = -1n;

export class Injector {
  readonly #injections: readonly Injection[];
  readonly #registers: RegisterAccess;
  readonly #memory: ProcessMemory;

  constructor(injections: readonly Injection[], registers: RegisterAccess, memory: ProcessMemory) {
    this.#injections = injections;
    this.#registers = registers;
    this.#memory = memory;
  }

  /** At the stop before a call, whose registers were read. */
  entered(thread: TracedThread): Injection | undefined {
    if (this.#injections.length === 0) return undefined;
    const injection = this.#due(thread);
    if (injection === undefined) return undefined;
    const { tid } = thread;
    this.#poke(tid, injection, "enter", this.#registers.args);
    if (isReplaced(injection)) {
      const other = injection.syscall && findCall(injection.syscall, this.#registers.abi);
      this.#registers.poke(tid, Reg.orig_rax, other ? BigInt(other.nr) : NO_CALL);
    }
    return injection;
  }

  /** The last one that names the call, if it is the turn of this occurrence. */
  #due(thread: TracedThread): Injection | undefined {
    const { nr, abi } = this.#registers;
    let due: Injection | undefined;
    this.#injections.forEach((injection, i) => {
      if (!injection.calls(nr, abi)) return;
      const key = `${i} ${abi} ${nr}`;
      const count = (thread.occurrences.get(key) ?? 0) + 1;
      thread.occurrences.set(key, count);
      due = isTurn(injection, count) ? injection : undefined;
    });
    return due;
  }

  /** At the stop where the call returns. The result that the program gets. */
  returned({ tid, call }: TracedThread, result: bigint): bigint {
    const injection = call?.injected;
    if (call === undefined || injection === undefined) return result;
    this.#poke(tid, injection, "exit", call.context.args);
    if (!isReplaced(injection)) return result;
    const { errno, retval = 0n } = injection;
    const given = errno === undefined ? retval : BigInt(-errno);
    this.#registers.poke(tid, Reg.rax, given);
    return given;
  }

  #poke(
    tid: number,
    { pokes }: Injection,
    when: MemoryPoke["when"],
    args: { readonly [argument: number]: bigint },
  ): void {
    for (const poke of pokes)
      if (poke.when === when)
        this.#memory.write(tid, Number(args[poke.argument - 1] ?? 0n), poke.bytes);
  }
}

/** Whether the result is not that of the call. */
export function isReplaced(injection: Injection | undefined): boolean {
  return injection?.errno !== undefined || injection?.retval !== undefined;
}

/** `count` begins with 1. */
function isTurn({ first, last, step }: Injection, count: number): boolean {
  return count >= first && count <= last && (count - first) % step === 0;
}
