/** What `sct syscalls` prints, as text. */
import { wrapWords } from "../base/wrap.ts";
import type { ParamType } from "../language/vocabulary.ts";
import {
  type From,
  isLacking,
  type ParamMemory,
  type Variant,
  type VariantCondition,
} from "./call/notation.ts";
import { type CallInfo, callInfo } from "./call-info.ts";
import { findCall, listCallNames } from "./calls.ts";
import { classMembers } from "./class-members.ts";
import { membersOf } from "./command-types.ts";
import { callsOf, findPrototype, ownMapping, rowsOf } from "./presentations.ts";
import { structNameAt } from "./structs.ts";

/** All calls with their numbers. */
export function formatCallTable(names: readonly string[] = listCallNames()): string {
  const rows = names.map((name) => [
    findCall(name, "x86_64")?.nr.toString() ?? "-",
    findCall(name, "i386")?.nr.toString() ?? "-",
    name,
  ]);
  return formatColumns([["x86_64", "i386", "name"], ...rows], [true, true, false]);
}

/** The members of a class; undefined: no such class. */
export function formatClass(name: string): string | undefined {
  const members = classMembers(name);
  return members && formatCallTable(members);
}

/** Numbers, parameters, covered calls, classes; undefined: no such call. */
export function formatCallInfo(name: string): string | undefined {
  const info = callInfo(name);
  if (info === undefined) return undefined;
  const sections = [
    `${name}: ${formatNumbers(name)}`,
    formatParams(info),
    formatMembers(info),
    formatCovered(info),
    info.coveredBy.length > 0 ? `covered by\n  ${info.coveredBy.join(" ")}` : "",
    info.classes.length > 0 ? `classes\n  ${info.classes.join(" ")}` : "",
  ];
  return `${sections.filter((section) => section !== "").join("\n\n")}\n`;
}

function formatNumbers(name: string): string {
  const numbers = (["x86_64", "i386"] as const).flatMap((abi) => {
    const call = findCall(name, abi);
    if (call === undefined) return [];
    return call.symbol === undefined
      ? `${abi} ${call.nr} (no longer implemented)`
      : `${abi} ${call.nr}`;
  });
  return numbers.join(", ");
}

function formatParams({ params }: CallInfo): string {
  if (params.length === 0) return "";
  const rows = params.map(({ name, type }, index) => [
    `  ${index + 1}`,
    `${type.c}${type.c.endsWith("*") ? "" : " "}${name}`,
    describeType(type, params),
  ]);
  return `parameters\n${formatColumns(rows).trimEnd()}`;
}

const MOST_COLUMNS = 100;

/** What `PARAMS[n].member` can name, by the command on which it depends. */
function formatMembers({ name, params }: CallInfo): string {
  const groups = params.flatMap((param, i) =>
    membersOf(name, param).flatMap(({ where, names }) => {
      if (names.length === 0) return [];
      const text = names.map((member) => `.${member}`).join(" ");
      const condition = where === "" ? [] : [wrapWords(`  ${i + 1}  where `, where, MOST_COLUMNS)];
      const head = where === "" ? `  ${i + 1}  ` : "     ";
      return [...condition, wrapWords(head, text, MOST_COLUMNS)];
    }),
  );
  return groups.length === 0 ? "" : `members\n${groups.join("\n")}`;
}

function describeType(type: ParamType, params: CallInfo["params"]): string {
  const byCommand = type.struct?.includes(".") === true;
  const words = [type.kind === "int" ? "" : type.kind, byCommand ? "" : (type.struct ?? "")];
  if (type.lengthParam !== undefined) words.push(`of ${params[type.lengthParam - 1]?.name} bytes`);
  if (type.kind === "int" && type.semantic !== undefined) words.push(type.semantic);
  return words.filter((word) => word !== "").join(" ");
}

function formatCovered(info: CallInfo): string {
  const { name, aliasOf } = info;
  if (aliasOf !== undefined) return `stands for\n  what ${aliasOf} stands for`;
  const base = findPrototype(name);
  const i386 = base?.abi === "x86_64" ? findCall(name, "i386") : undefined;
  const own = base && i386 ? ownMapping(base, i386) : undefined;
  const rows = [...(own && own.abi !== undefined ? [own] : []), ...rowsOf(name)];
  if (rows.length === 0) return "";
  const lines = rows.map((row) => [
    `  ${row.call}`,
    numbersOf(row),
    mapping(info, row),
    conditions(row),
  ]);
  return `stands for, besides itself\n${formatColumns(lines).trimEnd()}`;
}

function numbersOf(row: Variant): string {
  return callsOf(row)
    .map((call) => `${call.abi} ${call.nr}`)
    .join(", ");
}

/** `flags=how->flags` for each parameter that is not called the same in the real call. */
function mapping({ params }: CallInfo, row: Variant): string {
  const texts = params.map(({ name }, index) => {
    const from = row.params[index];
    return from === name ? name : `${name}=${describeSource(from, row)}`;
  });
  return `(${texts.join(", ")})`;
}

function conditions(row: Variant): string {
  const texts = row.when.map((condition) => describeCondition(condition, row));
  return texts.length === 0 ? "" : `if ${texts.join(" and ")}`;
}

function describeCondition({ of, mask, value }: VariantCondition, row: Variant): string {
  const what = describeSource(of, row);
  if (typeof value === "string")
    return mask === value ? `${what} has ${value}` : `${what} is ${value}`;
  if (typeof mask === "string" && value === 0n) return `${what} has no ${mask}`;
  return value === 0n ? `${what} is NULL` : `${what} & ${mask} is ${value}`;
}

function describeSource(from: From | undefined, row: Variant): string {
  if (from === undefined || isLacking(from)) return "unknown";
  if (typeof from === "string") return from;
  if (typeof from === "bigint") return from.toString();
  if ("process" in from) return `process of ${from.process}`;
  return "constant" in from ? from.constant : describeMemory(from, row);
}

function describeMemory(
  { at, offset, size, vector, isTimespec }: ParamMemory,
  row: Variant,
): string {
  const call = callsOf(row)[0];
  const type = call?.params.find((param) => param.name === at)?.type;
  const field = type?.struct && call && structNameAt(type.struct, offset, call.abi);
  if (isTimespec === true) return `${at} in ms`;
  if (vector !== undefined) return `${at}[]->${field}`;
  return field ? `${at}->${field}` : `${at}[${offset / size}]`;
}

/** Cells padded to the width of their column; the last column is left as it is. */
function formatColumns(
  rows: readonly (readonly string[])[],
  right: readonly boolean[] = [],
): string {
  const count = Math.max(...rows.map((row) => row.length));
  const widths = Array.from({ length: count }, (_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  const lines = rows.map((row) =>
    row
      .map((cell, column) =>
        right[column] ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0),
      )
      .join("  ")
      .trimEnd(),
  );
  return `${lines.join("\n")}\n`;
}
