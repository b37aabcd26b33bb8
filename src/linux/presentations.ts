/**
 * Turns variants and twins of the rows into presentations: which real calls a name stands for, and how their parameters show as
 * the name's own. A name covers its variants and, on i386, the twins of itself and of its variants. Where i386 passes a 64-bit
 * number in two registers, the low word is presented. Vectors (readv, writev) are presented as the one buffer that all their
 * elements make.
 */

import type {
  Abi,
  ParamType,
  Presentation,
  PresentationGuard,
  PresentedParam,
  ValueSource,
} from "../language/vocabulary.ts";
import { abis, wordSize } from "./arch/machine.ts";
import {
  type From,
  isLacking,
  type ParamMemory,
  undecided,
  type Variant,
  type VariantCondition,
} from "./call/notation.ts";
import { ofParam, rowOf } from "./call/rows.ts";
import { type Call, findCall } from "./calls.ts";
import { findConstant } from "./constants.ts";
import { optionalStructs } from "./optional-structs.ts";

/** Presentations of the call alone, on each ABI that has it. */
export function presentExactly(name: string): readonly Presentation[] | undefined {
  const base = findPrototype(name);
  if (base === undefined) return undefined;
  return [base, ...others(base)].map((call) => present(base, call, ownMapping(base, call)));
}

/** Presentations of the call and of all that it covers. */
export function presentVariants(name: string): readonly Presentation[] | undefined {
  const own = presentExactly(name);
  if (own === undefined) return undefined;
  const alias = rowOf(name).aliasOf;
  const rest = alias === undefined ? presentFamily(name) : presentAlias(name, alias);
  return [...own, ...rest];
}

/** The call on the first ABI that has it. */
export function findPrototype(name: string): Call | undefined {
  return abis.map((abi) => findCall(name, abi)).find((call) => call !== undefined);
}

/** The call that a variant makes, on each ABI it applies to. */
export function callsOf(variant: Variant): readonly Call[] {
  return abis
    .filter((abi) => (variant.abi ?? abi) === abi)
    .flatMap((abi) => findCall(variant.call, abi) ?? []);
}

function others(base: Call): readonly Call[] {
  return abis.flatMap((abi) => (abi === base.abi ? [] : (findCall(base.name, abi) ?? [])));
}

/** Parameters by name, unless a twin says how the call of this ABI differs. */
export function ownMapping(base: Call, call: Call): Variant {
  const row = rowOf(base.name).twins?.find(
    (twin) => twin.call === base.name && twin.abi === call.abi && base.abi !== call.abi,
  );
  return row ?? { call: call.name, params: base.params.map((param) => param.name), when: [] };
}

function presentFamily(name: string): readonly Presentation[] {
  const base = findPrototype(name);
  if (base === undefined) return [];
  return rowsOf(name).flatMap((row) => callsOf(row).map((call) => present(base, call, row)));
}

/** What a name covers besides itself: twins, variants, and the twins of those. */
export function rowsOf(name: string): readonly Variant[] {
  const twinsOf = (call: string) =>
    (rowOf(call).twins ?? []).filter((twin) => twin.call !== call || twin.abi === undefined);
  const covered = (rowOf(name).variants ?? []).flatMap((variant) => [
    variant,
    // what a row says of i386 alone it says of that call alone
    ...(variant.abi === "i386" ? [] : twinsOf(variant.call)).map((twin) => compose(variant, twin)),
  ]);
  return [...twinsOf(name), ...covered];
}

/**
 * A name of i386 alone stands for the family of another name: its parameters are the first of that name's.
 * Exact presentations of the name itself are not repeated.
 */
function presentAlias(name: string, alias: string): readonly Presentation[] {
  const base = findPrototype(name);
  if (base === undefined) return [];
  return (presentVariants(alias) ?? [])
    .filter(({ call }) => call !== name)
    .map((presentation) => ({
      ...presentation,
      as: name,
      params: base.params.map((param, index): PresentedParam => {
        const other = presentation.params[index];
        if (other === undefined) return { ...param, source: { kind: "absent" } };
        return { ...other, name: param.name, type: mergeTypes(param.type, other.type) };
      }),
    }));
}

const OUT_OF_REACH = undecided("memory behind memory");

/**
 * `variant` presents call B as A, `twin` presents C as B: what presents C as A. A value that B finds in
 * memory behind a parameter which C itself has in memory is out of reach.
 */
function compose(variant: Variant, twin: Variant): Variant {
  const names = findPrototype(variant.call)?.params.map((param) => param.name) ?? [];
  const translate = (from: From): From => {
    if (typeof from === "string") return twin.params[names.indexOf(from)] ?? OUT_OF_REACH;
    if (typeof from === "object" && "process" in from) {
      const pidfd = twin.params[names.indexOf(from.process)];
      return typeof pidfd === "string" ? { process: pidfd } : OUT_OF_REACH;
    }
    if (!isMemory(from)) return from;
    const pointer = twin.params[names.indexOf(from.at)];
    if (from.vector !== undefined) throw new Error(`${twin.call}: twin of a call with a vector`);
    return typeof pointer === "string" ? { ...from, at: pointer } : OUT_OF_REACH;
  };
  const when = variant.when.map((condition): VariantCondition => {
    const of = translate(condition.of);
    if (typeof of === "string" || isMemory(of)) return { ...condition, of };
    throw new Error(`${twin.call} as ${variant.call}: condition on what it does not have`);
  });
  return {
    call: twin.call,
    params: variant.params.map(translate),
    when: [...when, ...twin.when],
    ...(twin.abi === undefined ? {} : { abi: twin.abi }),
  };
}

function present(base: Call, call: Call, row: Variant): Presentation {
  const native = findCall(base.name, call.abi) ?? base;
  const params = base.params.map((param, index): PresentedParam => {
    const from = row.params[index] ?? OUT_OF_REACH;
    const type = presentedType(param.type, native.params, param.name, from, call);
    const lookup = type.kind === "path" && typeof from === "string" ? lookupOf(from, call) : {};
    return { name: param.name, type, source: sourceOf(from, call), ...lookup };
  });
  const guards = row.when.map((condition) => guardOf(condition, call));
  const optional = optionalStructs[base.name] ?? [];
  const shown = params.map((param) => ({
    ...param,
    ...addressOf(base.name, param, params),
    ...dataOf(base.name, param, params),
    ...(optional.includes(param.name) ? { isOptional: true as const } : {}),
  }));
  return { as: base.name, call: call.name, abi: call.abi, nr: call.nr, guards, params: shown };
}

/** The address of a socket that the parameter leads to. */
function addressOf(
  name: string,
  param: PresentedParam,
  params: readonly PresentedParam[],
): Pick<PresentedParam, "address"> {
  const row = ofParam(rowOf(name).addresses, param.name);
  if (row === undefined || param.source.kind === "absent") return {};
  if (row.in === "msghdr") return { address: { in: "msghdr" } };
  const size = params.find((one) => one.name === row.size)?.source;
  if (size === undefined) throw new Error(`${name} has no parameter ${row.size}`);
  if (row.in === "mmsghdr") return { address: { in: "mmsghdr", count: size } };
  return { address: { in: "sockaddr", length: size, creates: row.creates === true } };
}

/** The bytes of the vector that the parameter is or leads to. */
function dataOf(
  name: string,
  param: PresentedParam,
  params: readonly PresentedParam[],
): Pick<PresentedParam, "data"> {
  const row = ofParam(rowOf(name).data, param.name);
  if (row === undefined || param.source.kind === "absent") return {};
  const isFilled = row.isFilled === true;
  if (row.count === undefined) return { data: { isFilled } };
  const count = params.find((one) => one.name === row.count)?.source;
  if (count === undefined) throw new Error(`${name} has no parameter ${row.count}`);
  return { data: { isFilled, count } };
}

/** How the kernel looks up the path in parameter `name` of the call; its directory stands right before it. */
function lookupOf(
  name: string,
  call: Call,
): Pick<PresentedParam, "dirfd" | "nofollow" | "mayBeEmpty"> {
  const before = call.params[argumentIndex(call, name) - 1];
  const guards = (conditions: readonly VariantCondition[]) =>
    conditions.map((condition) => guardOf(condition, call));
  const { keepsLink, mayBeEmpty } = rowOf(call.name);
  const kept = ofParam(keepsLink, name);
  const empty = ofParam(mayBeEmpty, name);
  return {
    ...(before?.type.semantic === "dirfd" ? { dirfd: sourceOf(before.name, call) } : {}),
    ...(kept === undefined ? {} : { nofollow: guards(kept) }),
    ...(empty === undefined ? {} : { mayBeEmpty: guards(empty) }),
  };
}

/** Kind and meaning are the name's own, width and sign those of the value that the real call gets. */
function presentedType(
  type: ParamType,
  native: Call["params"],
  name: string,
  from: From,
  call: Call,
): ParamType {
  if (typeof from === "string") {
    const real = call.params.find((param) => param.name === from);
    if (real !== undefined) return mergeTypes(type, real.type);
  }
  const own = native.find((param) => param.name === name)?.type ?? narrowPointer(type, call.abi);
  if (!isMemory(from) || from.isTimespec === true) return mergeTypes(type, own);
  // a field wider than the parameter is unsigned in all structs that variants have
  return { ...type, size: from.size, signed: from.size === own.size && own.signed };
}

function mergeTypes(type: ParamType, real: ParamType): ParamType {
  const { size, signed } = real;
  if (type.kind === "struct" && real.kind === "struct" && real.struct !== undefined) {
    return { ...type, c: real.c, size, signed, struct: real.struct };
  }
  return { ...type, size, signed };
}

function narrowPointer(type: ParamType, abi: Abi): ParamType {
  return type.kind === "int" ? type : { ...type, size: wordSize(abi) };
}

function sourceOf(from: From, call: Call): ValueSource {
  if (isLacking(from)) return { kind: from.rules === "undecided" ? "unknown" : "absent" };
  if (typeof from === "bigint") return { kind: "constant", value: from };
  if (typeof from === "string") return { kind: "arg", index: argumentIndex(call, from) };
  if (isMemory(from)) {
    const { at, offset, size, vector, isTimespec } = from;
    const pointerArg = argumentIndex(call, at);
    const source = { kind: "memory", pointerArg, offset, size } as const;
    if (isTimespec === true) return { ...source, isTimespec };
    if (vector === undefined) return source;
    const countArg = argumentIndex(call, vector.count);
    return { ...source, vector: { countArg, holds: vector.holds } };
  }
  if ("process" in from) return { kind: "process", arg: argumentIndex(call, from.process) };
  const value = from.constant.split("|").reduce((sum, name) => sum | constantOf(name), 0n);
  return { kind: "constant", value };
}

function guardOf({ of, mask, value }: VariantCondition, call: Call): PresentationGuard {
  return { source: sourceOf(of, call), mask: constantOf(mask), value: constantOf(value) };
}

function isMemory(from: From): from is ParamMemory {
  return typeof from === "object" && "at" in from;
}

function argumentIndex(call: Call, name: string): number {
  const index = call.params.findIndex((param) => param.name === name);
  if (index < 0) throw new Error(`${call.abi} ${call.name} has no parameter ${name}`);
  return index;
}

function constantOf(name: string | bigint): bigint {
  const value = typeof name === "bigint" ? name : findConstant(name);
  if (value === undefined) throw new Error(`no constant ${name}`);
  return value;
}
