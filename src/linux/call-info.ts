/** All that the tables say of one call, for people. */
import type { Abi } from "../language/vocabulary.ts";
import type { CallRow } from "./call/row.ts";
import { listRows, rowOf } from "./call/rows.ts";
import { type Call, findCall } from "./calls.ts";
import { classMembers, listClassNames } from "./class-members.ts";
import { findPrototype } from "./presentations.ts";

export interface CallInfo {
  readonly name: string;
  /** On each ABI that has it. */
  readonly calls: { readonly [abi in Abi]?: Call };
  /** Parameters as rules see them. */
  readonly params: Call["params"];
  /** Classes that name it themselves. */
  readonly classes: readonly string[];
  /** Other names that stand for it too. */
  readonly coveredBy: readonly string[];
  /** The name it is an i386 form of. */
  readonly aliasOf: string | undefined;
}

export function callInfo(name: string): CallInfo | undefined {
  const prototype = findPrototype(name);
  if (prototype === undefined) return undefined;
  const x86_64 = findCall(name, "x86_64");
  const i386 = findCall(name, "i386");
  return {
    name,
    calls: { ...(x86_64 ? { x86_64 } : {}), ...(i386 ? { i386 } : {}) },
    params: prototype.params,
    classes: listClassNames().filter((list) => classMembers(list)?.includes(name)),
    coveredBy: namesThatCover(name),
    aliasOf: rowOf(name).aliasOf,
  };
}

function namesThatCover(call: string): readonly string[] {
  const covers = ({ variants = [], twins = [] }: CallRow): boolean =>
    [...variants, ...twins].some((variant) => variant.call === call);
  return listRows().flatMap(([name, row]) => (name !== call && covers(row) ? [name] : []));
}
