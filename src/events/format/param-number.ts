/** Where a presented parameter's number is in the record, narrowed to the parameter's own width. */
import type { ParamType, PresentedParam, ValueSource } from "../../language/vocabulary.ts";
import { RecordOffset, TailStatus } from "../layout.ts";
import type { RecordReader } from "../record-reader.ts";
import { toBigInt } from "../text-buffer.ts";

export const NumberState = { ok: 0, unreadable: 1, absent: 2 } as const;
export type NumberState = (typeof NumberState)[keyof typeof NumberState];

export class ParamNumber {
  /** Of the last `load`: the 64-bit number, extended by the sign that `load` was given. */
  low = 0;
  high = 0;
  readonly #index: number;
  readonly #source: ValueSource;
  readonly #type: ParamType;
  readonly #constant: readonly [number, number];

  /** `index` counts from 1. */
  constructor(param: PresentedParam, index: number) {
    this.#index = index;
    this.#source = param.source;
    this.#type = param.type;
    this.#constant = param.source.kind === "constant" ? words(param.source.value) : [0, 0];
  }

  /** Of the last `load` with a sign. */
  get value(): bigint {
    return BigInt.asIntN(64, toBigInt(this.low, this.high));
  }

  load(record: RecordReader, isSigned: boolean): NumberState {
    const source = this.#source;
    switch (source.kind) {
      case "absent":
      case "unknown":
        return NumberState.absent;
      case "constant":
        this.#narrow(this.#constant[0], this.#constant[1], isSigned);
        return NumberState.ok;
      case "arg": {
        const at = RecordOffset.args + source.index * 8;
        this.#narrow(record.u32(at), record.u32(at + 4), isSigned);
        return NumberState.ok;
      }
      case "memory":
      case "process": {
        const status = record.valueStatus(this.#index);
        if (status !== TailStatus.ok) return NumberState.unreadable;
        this.#narrow(record.valueWord(this.#index, 0), record.valueWord(this.#index, 1), isSigned);
        return NumberState.ok;
      }
    }
  }

  #narrow(low: number, high: number, isSigned: boolean): void {
    const { size } = this.#type;
    if (size === 8) {
      this.low = low;
      this.high = high;
      return;
    }
    const shift = 32 - size * 8;
    this.low = isSigned ? (low << shift) >> shift : (low << shift) >>> shift;
    this.high = isSigned && this.low < 0 ? -1 : 0;
  }
}

/**
 * Prototypes say `unsigned int fd` and mean a number that is -1 as often as not; these show a sign whatever the
 * prototype says.
 */
const SIGNED_SEMANTICS = new Set(["fd", "dirfd", "pid"]);

/** With its sign, and width, a number has the value that filters see: so JSON and the symbolic form show it. */
export function isSignedParam(type: ParamType): boolean {
  return type.signed || (type.semantic !== undefined && SIGNED_SEMANTICS.has(type.semantic));
}

/**
 * Lines of text show numbers as printf's %d and %ld do: what is narrower than an int by its own sign, 65535 of an
 * unsigned short, all else as signed. So -1 of an `unsigned int` is what a filter compares equal to -1, as in C.
 */
export function printsSigned(type: ParamType): boolean {
  return type.size >= 4 || type.signed;
}

export function isText(type: ParamType): boolean {
  return type.kind === "string" || type.kind === "path";
}

function words(value: bigint): readonly [number, number] {
  const unsigned = BigInt.asUintN(64, value);
  return [Number(unsigned & 0xffff_ffffn), Number(unsigned >> 32n)];
}
