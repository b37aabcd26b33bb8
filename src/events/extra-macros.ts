/**
 * Macros whose value has no field in the record, because hardly any rule asks for it: %argv, %container … The record of
 * a rule that does has their text in its tail, in the order of the formats.
 */
import { table } from "../base/table.ts";
import type { CallView, StringRead } from "../language/call-view.ts";
import type { CheckedRule, FormatPiece, IntVariable } from "../language/checked.ts";
import { TailStatus } from "./layout.ts";

export type Macro = Extract<FormatPiece, { kind: "macro" }>;

/** A rule can have no more of them. */
export const MOST_EXTRA_MACROS = 16;

const NUMBERS = table<{ readonly variable: IntVariable; readonly bits: number }>({
  cgroup: { variable: "CGROUP", bits: 64 },
  caps: { variable: "CAPS", bits: 64 },
  pidns: { variable: "PIDNS", bits: 32 },
  mntns: { variable: "MNTNS", bits: 32 },
  nspid: { variable: "NSPID", bits: 32 },
});
const STRINGS: ReadonlySet<string> = new Set(["argv", "envp", "container"]);

export function isNumberMacro({ name }: Macro): boolean {
  return name in NUMBERS;
}

/** Each once. */
export function extraMacros({ actions }: CheckedRule): readonly Macro[] {
  const found = new Map<string, Macro>();
  for (const action of actions) {
    if (action.type !== "LOG") continue;
    for (const piece of action.format ?? []) {
      if (piece.kind !== "macro" || !(STRINGS.has(piece.name) || isNumberMacro(piece))) continue;
      if (!found.has(keyOf(piece))) found.set(keyOf(piece), piece);
    }
  }
  return [...found.values()];
}

/** Its place among the macros of the rule; -1: the record has it elsewhere. */
export function placeOfMacro(rule: CheckedRule, macro: Macro): number {
  return extraMacros(rule).findIndex((one) => keyOf(one) === keyOf(macro));
}

function keyOf({ name, index, argument }: Macro): string {
  return JSON.stringify([name, index, argument]);
}

/** Text of the value, with its TailStatus; `null`: there is no such argument or variable. */
export function readExtraMacro(
  view: CallView,
  macro: Macro,
): { readonly status: number; readonly bytes: Uint8Array } {
  const number = NUMBERS[macro.name];
  if (number !== undefined) {
    const value = view.intVariable(number.variable);
    if (value === undefined) return { status: TailStatus.unreadable, bytes: NOTHING };
    // inode numbers, ids and bits: none of them is negative
    const text = BigInt.asUintN(number.bits, value).toString();
    return { status: TailStatus.ok, bytes: encoder.encode(text) };
  }
  const read = readText(view, macro);
  if (read === undefined) return { status: TailStatus.unreadable, bytes: NOTHING };
  if (read === null) return { status: TailStatus.null, bytes: NOTHING };
  return { status: read.truncated ? TailStatus.truncated : TailStatus.ok, bytes: read.bytes };
}

function readText(view: CallView, { name, index, argument }: Macro): StringRead | null | undefined {
  if (name === "argv") return view.argv(index);
  if (name === "envp") return view.envp(argument ?? "");
  return view.stringVariable("CONTAINER");
}

const encoder = new TextEncoder();
const NOTHING = new Uint8Array(0);
