/** For tests: calls on memory that is not there but in the test. */
import type { Abi } from "../language/vocabulary.ts";
import { nativeAbi } from "../linux/index.ts";
import {
  type DecodeContext,
  type DecodeOptions,
  decodeEntry,
  decodeExit,
  decodeResult,
} from "./index.ts";

const defaults: DecodeOptions = {
  stringLimit: 32,
  abbreviate: true,
  hex: "none",
  descriptors: 0,
  constants: "abbrev",
};

export interface TestCall {
  readonly nr: number;
  readonly args: readonly (bigint | number)[];
  readonly ret: bigint | number;
  /** Bytes or text at addresses; all else is unreadable. */
  readonly memory?: Readonly<Record<number, Uint8Array | string>>;
  /** Memory when the call returns, where it is another. */
  readonly after?: Readonly<Record<number, Uint8Array | string>>;
  readonly abi?: Abi;
  readonly options?: Partial<DecodeOptions>;
}

/** The line of the call: `read(3, "abc", 3) = 3`. `|` stands where the entry ended, where that is not its end. */
export function printCall(test: TestCall): string {
  const context = (memory: TestCall["memory"]): DecodeContext => ({
    abi: test.abi ?? nativeAbi,
    nr: test.nr,
    args: Array.from({ length: 6 }, (_, i) => BigInt(test.args[i] ?? 0)),
    memory: memoryOf(memory ?? {}),
    descriptor: (fd) => (fd === -100 ? "/cwd" : `/fd/${fd}`),
    options: { ...defaults, ...test.options },
  });
  const ret = BigInt(test.ret);
  const { text, state } = decodeEntry(context(test.memory));
  const exit = context(test.after ?? test.memory);
  return `${text}${decodeExit(exit, state, ret)}) = ${decodeResult(exit, state, ret)}`;
}

function memoryOf(pieces: NonNullable<TestCall["memory"]>): DecodeContext["memory"] {
  const areas = Object.entries(pieces).map(([at, bytes]) => ({
    start: BigInt(at),
    bytes: typeof bytes === "string" ? Buffer.from(bytes, "latin1") : bytes,
  }));
  return {
    read(address, length) {
      const area = areas.find(
        ({ start, bytes }) => address >= start && address < start + BigInt(bytes.length),
      );
      if (area === undefined) return undefined;
      const offset = Number(address - area.start);
      return area.bytes.subarray(offset, offset + length);
    },
  };
}

/** Numbers as they lie in memory: `u32(1, 2)`. */
export const u32 = (...values: number[]): Uint8Array =>
  new Uint8Array(new Uint32Array(values).buffer);
export const u64 = (...values: readonly (bigint | number)[]): Uint8Array =>
  new Uint8Array(
    new BigUint64Array(values.map((value) => BigInt.asUintN(64, BigInt(value)))).buffer,
  );
