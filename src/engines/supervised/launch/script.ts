/**
 * A list of system calls for the thunk: records of eight 64-bit words {nr, a0..a5, result}. The child writes each
 * result where we can read it, since it shares our memory until execve.
 */
import { Memory, Words } from "../../../sys/index.ts";

const RECORD = 64;
const RESULT = 56;
/** No call gives this. */
const NOT_YET = -(1n << 63n);

interface Call {
  readonly nr: number;
  readonly args: readonly (number | bigint)[];
}

export class SyscallScript {
  readonly #calls: Call[] = [];
  readonly #data: Memory[] = [];
  #records: Memory | undefined;
  /** The same: the child writes results while we look. */
  #words: Words | undefined;

  /** Appends a call and returns its index, to ask for its result. */
  add(nr: number, ...args: (number | bigint)[]): number {
    this.#calls.push({ nr, args });
    return this.#calls.length - 1;
  }

  /** Keeps bytes for the child to read and returns their address. */
  place(bytes: Uint8Array): number {
    const memory = Memory.from(bytes);
    this.#data.push(memory);
    return memory.address;
  }

  /** A string with its NUL. */
  placeText(text: Uint8Array): number {
    const bytes = new Uint8Array(text.length + 1);
    bytes.set(text);
    return this.place(bytes);
  }

  /** A NULL-ended array of string pointers. */
  placeTexts(texts: readonly Uint8Array[]): number {
    const pointers = new BigUint64Array(texts.length + 1);
    for (const [i, text] of texts.entries()) pointers[i] = BigInt(this.placeText(text));
    return this.place(new Uint8Array(pointers.buffer));
  }

  /** Writes the records; no call may be added after that. */
  finish(): number {
    const records = Memory.allocate(this.#calls.length * RECORD);
    for (const [i, { nr, args }] of this.#calls.entries()) {
      const at = i * RECORD;
      records.view.setBigInt64(at, BigInt(nr), true);
      for (const [j, arg] of args.entries()) {
        records.view.setBigUint64(at + 8 + j * 8, BigInt.asUintN(64, BigInt(arg)), true);
      }
      records.view.setBigInt64(at + RESULT, NOT_YET, true);
    }
    this.#records = records;
    this.#words = new Words(records.bytes);
    return records.address;
  }

  /** Result of a call, undefined while it was not made or has not returned. */
  result(index: number): number | undefined {
    const value = this.#words?.int64(index * RECORD + RESULT);
    return value === undefined || value === NOT_YET ? undefined : Number(value);
  }

  /** Index of the call that failed. */
  failed(): { readonly nr: number; readonly errno: number } | undefined {
    for (const [i, { nr }] of this.#calls.entries()) {
      const result = this.result(i);
      if (result !== undefined && result < 0) return { nr, errno: -result };
    }
    return undefined;
  }

  free(): void {
    for (const memory of this.#data) memory.free();
    this.#records?.free();
  }
}
