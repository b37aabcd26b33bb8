/**
 * REWRITE of parameters: new values for registers, with copies of strings and structs in scratch memory. The
 * program's own memory stays as it is.
 */
import { PAGE_SIZE } from "../../base/linux-abi.ts";
import {
  chooseField,
  evaluateInt,
  type Presentation,
  type RewriteAssignment,
  readParam,
  readString,
  type Structs,
  type ValueSource,
} from "../../language/index.ts";
import { wordSize } from "../../linux/index.ts";
import type { TracedCall } from "../supervised/call/traced-call.ts";
import type { RewriteOrder } from "../supervised/decide.ts";
import type { Scratch } from "./scratch.ts";

/** What of a struct is copied: no struct that has rewritable fields is larger. */
const STRUCT_SIZE = 1024;

/** Whether any of the orders puts something into memory. */
export function needsScratch(orders: readonly RewriteOrder[]): boolean {
  return orders.some(({ acting, action }) =>
    action.assignments.some(({ target, value }) => {
      if (target.kind === "retval") return false;
      const { source } = acting.call.presentation.params[target.index - 1] ?? {};
      return target.kind === "field" || value.kind !== "int" || source?.kind === "memory";
    }),
  );
}

/** What a rewritten call gets: values of register arguments. */
export class Rewriter {
  readonly #call: TracedCall;
  readonly #scratch: Scratch | undefined;
  readonly #structs: Structs;
  readonly changed = new Map<number, bigint>();
  /** Copies made for this call, by the argument that points to them. */
  readonly #copies = new Map<number, Uint8Array>();

  constructor(call: TracedCall, scratch: Scratch | undefined, structs: Structs) {
    this.#call = call;
    this.#scratch = scratch;
    this.#structs = structs;
  }

  /** False: it cannot be done, and the call must not run with its old values. */
  apply({ acting, action }: RewriteOrder): boolean {
    return action.assignments.every((assignment) => this.#assign(assignment, acting.call));
  }

  /** Writes the copies of structs; to be called once after all orders. */
  finish(): boolean {
    for (const [arg, bytes] of this.#copies) {
      if (!this.#point(arg, bytes)) return false;
    }
    return true;
  }

  #assign({ target, value }: RewriteAssignment, view: RewriteOrder["acting"]["call"]): boolean {
    if (target.kind === "retval") return true;
    const param = view.presentation.params[target.index - 1];
    if (param === undefined || param.source.kind === "absent") return true;
    if (value.kind === "int") {
      const number = evaluateInt(value.value, view, this.#structs);
      if (typeof number !== "bigint") return false;
      if (target.kind === "param") return this.#setNumber(param.source, number, view.presentation);
      return this.#setField(target.index, target.field, number, view);
    }
    if (target.kind === "field") return false;
    const text =
      value.kind === "string" ? value.value : readString(view, value.value, this.#structs);
    if (typeof text === "string" || param.source.kind !== "arg") return false;
    const bytes = new Uint8Array(text.length + 1);
    bytes.set(text);
    if (!this.#point(param.source.index, bytes)) return false;
    const { lengthParam } = param.type;
    const length =
      lengthParam === undefined ? undefined : view.presentation.params[lengthParam - 1];
    if (param.type.kind !== "buffer" || length === undefined) return true;
    return this.#setNumber(length.source, BigInt(text.length), view.presentation);
  }

  #setNumber(source: ValueSource, value: bigint, { abi }: Presentation): boolean {
    switch (source.kind) {
      case "arg":
        this.changed.set(source.index, BigInt.asUintN(8 * wordSize(abi), value));
        return true;
      case "memory":
        // the length of a vector is the sum of its elements
        if (source.vector !== undefined && !this.#hasOneElement(source.vector)) return false;
        return this.#patch(source.pointerArg, source.offset, source.size, value, false);
      default:
        // what the variant implies cannot be something else
        return false;
    }
  }

  #hasOneElement({ countArg }: { readonly countArg: number }): boolean {
    return BigInt.asUintN(32, this.#call.args[countArg] ?? 0n) === 1n;
  }

  #setField(
    index: number,
    name: string,
    value: bigint,
    view: RewriteOrder["acting"]["call"],
  ): boolean {
    const param = view.presentation.params[index - 1];
    const struct = param?.type.struct;
    if (param?.source.kind !== "arg" || struct === undefined) return false;
    const known = this.#structs.structField(struct, name, view.presentation.abi);
    const field = known && chooseField(known, (at) => readParam(view, at));
    // another command has no such member
    if (field === "absent") return true;
    if (typeof field !== "object" || readParam(view, index) === 0n) return false;
    const { offset, type, bigEndian = false } = field;
    return this.#patch(param.source.index, offset, type.size, value, bigEndian);
  }

  /** Changes a number in a copy of the memory that an argument points to. */
  #patch(arg: number, offset: number, size: number, value: bigint, bigEndian: boolean): boolean {
    const copy = this.#copies.get(arg) ?? this.#copyOf(arg, offset + size);
    if (copy === undefined || copy.length < offset + size) return false;
    for (let i = 0; i < size; i++) {
      const at = bigEndian ? size - 1 - i : i;
      copy[offset + at] = Number((value >> BigInt(8 * i)) & 0xffn);
    }
    this.#copies.set(arg, copy);
    return true;
  }

  /** As much as a struct may have, but not beyond a page that may be the last one. */
  #copyOf(arg: number, least: number): Uint8Array | undefined {
    const address = this.#call.args[arg] ?? 0n;
    const toPageEnd = PAGE_SIZE - Number(address % BigInt(PAGE_SIZE));
    return (
      this.#call.readMemory(address, STRUCT_SIZE) ??
      this.#call.readMemory(address, Math.max(least, Math.min(STRUCT_SIZE, toPageEnd)))
    );
  }

  #point(arg: number, bytes: Uint8Array): boolean {
    const address = this.#scratch?.place(this.#call.context.memory, this.#call.memoryOwner, bytes);
    if (address === undefined) return false;
    this.changed.set(arg, address);
    return true;
  }
}
