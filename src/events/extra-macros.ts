/**
 * Macros whose value has no field in the record, because hardly any rule asks for it: %argv, %container, fields of
 * structs … The record of a rule that does has their text in its tail, in the order of the formats.
 */
import type { Diagnostic } from "../base/diagnostic.ts";
import { table } from "../base/table.ts";
import type { CallView, StringRead } from "../language/call-view.ts";
import type { CheckedRule } from "../language/checked/index.ts";
import { MAX_STRING } from "../language/checked/index.ts";
import type { Presentation } from "../language/vocabulary.ts";
import {
  isIntVariable,
  isStringVariable,
  macroOf,
  VARIABLES,
  type VariableName,
} from "../variables/index.ts";
import { isField, isTextField, readFieldMacro } from "./field-macro.ts";
import { TailStatus } from "./layout.ts";
import { type Macro, type MacroText, MOST_EXTRA_MACROS } from "./macro.ts";

interface Shown {
  readonly name: VariableName;
  /** Of a number. */
  readonly bits: number | undefined;
}

/** Variables that the header of a record has no field for, by macro. */
const SHOWN = table<Shown>(
  Object.fromEntries(
    VARIABLES.flatMap(([name, { record }]) =>
      record.in === "macro" ? [[macroOf(name), { name, bits: record.bits }]] : [],
    ),
  ),
);
const LISTS: ReadonlySet<string> = new Set(["argv", "envp"]);

/** How its text is shown. */
export function shapeOfMacro(macro: Macro, presentation: Presentation): "bare" | "quoted" | "list" {
  const { name, index } = macro;
  if (name === "argv" && index === undefined) return "list";
  if (isField(macro)) return isTextField(macro, presentation) ? "quoted" : "bare";
  return SHOWN[name]?.bits === undefined ? "quoted" : "bare";
}

function isExtra(macro: Macro): boolean {
  return SHOWN[macro.name] !== undefined || LISTS.has(macro.name) || isField(macro);
}

/** Each once. */
export function extraMacros({ actions }: CheckedRule): readonly Macro[] {
  const found = new Map<string, Macro>();
  for (const action of actions) {
    if (action.type !== "LOG") continue;
    for (const piece of action.format ?? []) {
      if (piece.kind !== "macro" || !isExtra(piece)) continue;
      if (!found.has(keyOf(piece))) found.set(keyOf(piece), piece);
    }
  }
  return [...found.values()];
}

/** Rules that ask for more of them than a record can hold, each with the first macro that is too many. */
export function tooManyMacros(rules: readonly CheckedRule[]): Diagnostic[] {
  return rules.flatMap((rule) => {
    const macro = extraMacros(rule)[MOST_EXTRA_MACROS];
    if (macro === undefined) return [];
    const message = `More than ${MOST_EXTRA_MACROS} macros such as %${macro.name} in one rule are not supported by the supervised engine`;
    return [{ code: "not_supported_by_engine", severity: "error", message, span: macro.span }];
  });
}

/** Its place among the macros of the rule; -1: the record has it elsewhere. */
export function placeOfMacro(rule: CheckedRule, macro: Macro): number {
  return extraMacros(rule).findIndex((one) => keyOf(one) === keyOf(macro));
}

function keyOf({ name, index, field, argument }: Macro): string {
  return JSON.stringify([name, index, field, argument]);
}

/** Text of the value, with its TailStatus; `null`: there is no such argument or variable. */
export function readExtraMacro(view: CallView, macro: Macro): MacroText {
  const text = readWholeMacro(view, macro);
  if (text.bytes.length <= MAX_STRING) return text;
  return { status: TailStatus.truncated, bytes: text.bytes.subarray(0, MAX_STRING) };
}

function readWholeMacro(view: CallView, macro: Macro): MacroText {
  const shown = SHOWN[macro.name];
  if (shown?.bits !== undefined && isIntVariable(shown.name)) {
    const value = view.intVariable(shown.name);
    if (value === undefined) return { status: TailStatus.unreadable, bytes: NOTHING };
    // inode numbers, ids and bits: none of them is negative
    const text = BigInt.asUintN(shown.bits, value).toString();
    return { status: TailStatus.ok, bytes: encoder.encode(text) };
  }
  if (isField(macro)) return readFieldMacro(view, macro);
  const read = readText(view, macro);
  if (read === undefined) return { status: TailStatus.unreadable, bytes: NOTHING };
  if (read === null) return { status: TailStatus.null, bytes: NOTHING };
  return { status: read.truncated ? TailStatus.truncated : TailStatus.ok, bytes: read.bytes };
}

function readText(view: CallView, { name, index, argument }: Macro): StringRead | null | undefined {
  if (name === "argv") return index === undefined ? readArguments(view) : view.argv(index);
  if (name === "envp") return view.envp(argument ?? "");
  const shown = SHOWN[name]?.name;
  return shown !== undefined && isStringVariable(shown) ? view.stringVariable(shown) : null;
}

/** Each with a NUL behind it; the last is cut where there are more bytes than a text may have. */
function readArguments(view: CallView): StringRead | null | undefined {
  const joined = view.argv(undefined);
  if (joined === undefined || joined === null) return joined;
  const parts: Uint8Array[] = [];
  let size = 0;
  for (let i = 0; size <= MAX_STRING; i++) {
    const one = view.argv(i);
    if (one === undefined) return undefined;
    if (one === null) break;
    parts.push(one.bytes, NUL);
    size += one.bytes.length + 1;
    if (one.truncated) size = Number.POSITIVE_INFINITY;
  }
  // a test may give all of them as one text
  if (parts.length === 0 && joined.bytes.length > 0) parts.push(joined.bytes, NUL);
  const bytes = new Uint8Array(Buffer.concat(parts));
  return { bytes: bytes.subarray(0, MAX_STRING), truncated: size > MAX_STRING };
}

const encoder = new TextEncoder();
const NUL = Uint8Array.of(0);
const NOTHING = new Uint8Array(0);
