/**
 * Two things that syscall(2) cannot express: a call on a pool thread while the event loop runs, and a call into
 * machine code that we made ourselves. Like libc.ts, loaded at the first use.
 */
import { createRequire } from "node:module";

type Koffi = typeof import("koffi");

interface AsyncWaitid {
  async(
    type: number,
    id: number,
    info: number,
    options: number,
    done: (error: unknown, result: number) => void,
  ): void;
}

export interface Native {
  /** waitid(2) on a pool thread; the result is not given: look again with WNOHANG. */
  waitInBackground(type: number, id: number, options: number, done: () => void): void;
  /** Calls code at an address as `long f(script, stackTop, cloneFlags)`. */
  callCode(address: number, script: number, stackTop: number, flags: number): number;
  /** Ends the process at once, without the exit handlers of Node: those would restore the terminal. */
  exitNow(status: number): never;
}

let current: Native | undefined;

export function native(): Native {
  current ??= openNative();
  return current;
}

function openNative(): Native {
  const koffi: Koffi = createRequire(import.meta.url)("koffi");
  const libc = koffi.load(null as unknown as string);
  const waitid = libc.func("int waitid(int, uint32_t, uintptr_t, int)") as unknown as AsyncWaitid;
  const exit = libc.func("void _exit(int)") as unknown as (status: number) => never;
  const code = koffi.proto("long sct_code(uintptr_t, uintptr_t, ulong)");
  return {
    waitInBackground: (type, id, options, done) => waitid.async(type, id, 0, options, () => done()),
    callCode: (address, script, stackTop, flags) =>
      Number(koffi.call(BigInt(address), code, script, stackTop, flags)),
    exitNow: (status) => exit(status),
  };
}
