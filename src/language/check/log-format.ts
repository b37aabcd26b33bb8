/** log_format text → pieces. */
import type { Span } from "../../base/span.ts";
import {
  descriptorMembers,
  findByMacro,
  isDescriptorMember,
  macroOf,
  variableNames,
} from "../../variables/index.ts";
import type { FormatPiece } from "../checked/index.ts";
import { isDescriptor } from "../file-parameters.ts";
import { didYouMean } from "../suggest.ts";
import { parseTimeFormat } from "../time-format.ts";
import type { RuleProgram, Scope } from "./context.ts";
import { KIND_NAMES } from "./value.ts";

/** Macros besides the variables in lower case. */
const OWN_MACROS = [
  "ruleid",
  "sid",
  "sname",
  "params",
  "path",
  "dir",
  "cmdline",
  "param",
  "fd",
  "argv",
  "envp",
  "action",
  "time",
  "username",
  "errname",
];
const WITH_ARGUMENT: ReadonlySet<string> = new Set(["time", "params", "param", "fd", "envp"]);
const WITH_INDEX: ReadonlySet<string> = new Set(["path", "dir", "param", "fd", "argv"]);

const macroNames: ReadonlySet<string> = new Set([...OWN_MACROS, ...variableNames.map(macroOf)]);

function isAfterOnly(name: string): boolean {
  return name === "errname" || findByMacro(name)?.when === "after";
}

const DATA = ".data";
/** Longer than any name of a field. */
const MOST_FIELD = 100;
const MACRO = /%(?:%|([A-Za-z]+)([0-9]{0,9}))?/g;

/** Splits a format; `raw` is where it stood, so that a macro can be pointed at. */
export function checkLogFormat(
  program: RuleProgram,
  text: string,
  raw: Span,
  scopes: readonly Scope[],
  when: "before" | "after",
): FormatPiece[] {
  const pieces: FormatPiece[] = [];
  let plain = "";
  let at = 0;
  // Folding white space never touches macros, so they are found again in order in the source.
  let sourceAt = raw.start;
  const flush = () => {
    if (plain !== "") pieces.push({ kind: "text", text: plain });
    plain = "";
  };
  for (const match of text.matchAll(MACRO)) {
    if (match.index < at) continue;
    plain += text.slice(at, match.index);
    at = match.index + match[0].length;
    const [whole, name, digits = ""] = match;
    const found = raw.file.text.indexOf(whole, sourceAt);
    const start = found < 0 ? raw.start : found;
    sourceAt = start + whole.length;
    const span = { file: raw.file, start, end: sourceAt };
    if (name === undefined) {
      if (whole === "%") program.report.add("lone_percent", span, [], { hint: "write `%%`" });
      plain += "%";
      continue;
    }
    const field =
      name === "fd"
        ? descriptorField(text, at)
        : name === "param"
          ? macroField(program, Number(digits), text, at, scopes)
          : undefined;
    if (field) at = field.end;
    const argument = macroArgument(name, text, at);
    if (argument) at = argument.end;
    const piece = macro(program, name, digits, argument?.text, span, when);
    if (!piece) continue;
    checkIndex(program, piece, scopes);
    flush();
    if (!field) pieces.push(piece);
    else if (field.isKnown && field.isData) pieces.push(piece);
    else if (field.isKnown) pieces.push({ ...piece, field: field.name });
    else {
      const { name: path, struct } = field;
      const isOfFile = name === "fd";
      const names = isOfFile ? descriptorMembers : program.vocabulary.structFieldNames(struct);
      program.report.add("unknown_field", span, [path, struct], didYouMean(path, names));
    }
  }
  plain += text.slice(at);
  flush();
  return pieces;
}

/** `isData`: the bytes of a vector, which the parameter is shown as where a rule names them. */
type Field = { readonly name: string; readonly end: number } & (
  | { readonly isKnown: true; readonly isData?: true }
  | { readonly isKnown: false; readonly struct: string }
);

/** What stands behind the point of `%param2.sin_port`, where the parameter is a struct; else it is text. */
function macroField(
  { vocabulary }: RuleProgram,
  index: number,
  text: string,
  at: number,
  scopes: readonly Scope[],
): Field | undefined {
  if (text.startsWith(DATA, at) && !/^[\w.]/.test(text.slice(at + DATA.length)))
    if (scopes.some(({ prototype }) => prototype.params[index - 1]?.data !== undefined))
      return { name: "data", end: at + DATA.length, isKnown: true, isData: true };
  const structs = scopes.flatMap(({ prototype }) => prototype.params[index - 1]?.type.struct ?? []);
  const [first] = structs;
  const abi = scopes[0]?.prototype.abi;
  const [whole = ""] = /^(\.[A-Za-z_]\w*)+/.exec(text.slice(at, at + MOST_FIELD)) ?? [];
  if (first === undefined || abi === undefined || whole === "") return undefined;
  // a point may also end a sentence whose next one follows without a blank
  for (
    let name = whole.slice(1);
    name !== "";
    name = name.slice(0, Math.max(0, name.lastIndexOf(".")))
  )
    if (structs.some((struct) => vocabulary.structField(struct, name, abi)))
      return { name, end: at + name.length + 1, isKnown: true };
  const name = whole.slice(1);
  return { name, end: at + whole.length, isKnown: false, struct: first };
}

/** What stands behind the point of `%fd1.port`; alone it is the path. A point may also end a sentence. */
function descriptorField(text: string, at: number): Field {
  const [whole = "", name = ""] = /^\.([a-z]\w*)/.exec(text.slice(at, at + MOST_FIELD)) ?? [];
  if (name === "") return { name: "path", end: at, isKnown: true };
  const end = at + whole.length;
  return isDescriptorMember(name)
    ? { name, end, isKnown: true }
    : { name, end, isKnown: false, struct: "FD[n]" };
}

function macroArgument(
  name: string,
  text: string,
  at: number,
): { text: string; end: number } | undefined {
  if (!WITH_ARGUMENT.has(name) || text[at] !== "{") return undefined;
  const end = text.indexOf("}", at);
  return end < 0 ? undefined : { text: text.slice(at + 1, end), end: end + 1 };
}

type Macro = Extract<FormatPiece, { kind: "macro" }>;

const NEEDED: Readonly<Record<string, string>> = {
  param: "write `%param1` or `%params`",
  fd: "write `%fd1`, `%fd1.type` …",
  envp: "write `%envp{NAME}`",
};

function macro(
  program: RuleProgram,
  name: string,
  digits: string,
  argument: string | undefined,
  span: Span,
  when: "before" | "after",
): Macro | undefined {
  if (!macroNames.has(name)) {
    const known = [...macroNames].map((n) => `%${n}`);
    program.report.add("unknown_macro", span, [`%${name}`], didYouMean(`%${name}`, known));
    return undefined;
  }
  if (isAfterOnly(name) && when === "before") {
    program.report.add("after_only", span, [`%${name}`], { hint: "write `when = after`" });
    return undefined;
  }
  if (
    ((name === "param" || name === "fd") && digits === "") ||
    (name === "envp" && argument === undefined)
  ) {
    const hint = NEEDED[name];
    program.report.add("needs_index", span, [`%${name}`], hint === undefined ? {} : { hint });
    return undefined;
  }
  if (
    (name.startsWith("param") || name === "fd") &&
    argument !== undefined &&
    argument !== "symbolic"
  ) {
    program.report.add("bad_keyword", span, [argument, `%${name}`], { expected: "`symbolic`" });
    return undefined;
  }
  if (name === "time" && argument !== undefined && argument !== "ISO") {
    const parsed = parseTimeFormat(argument);
    if ("bad" in parsed) {
      const hint = "those of strftime(3) without `%n`, `%f` (µs), `%3N` `%6N` `%9N`, or `ISO`";
      program.report.add("unknown_conversion", span, [parsed.bad], { expected: hint });
      return undefined;
    }
  }
  // Digits behind another macro are text: `%uid0`.
  const index = WITH_INDEX.has(name) && digits !== "" ? { index: Number(digits) } : {};
  if (!WITH_INDEX.has(name) && digits !== "") {
    program.report.add("unknown_macro", span, [`%${name}${digits}`], { expected: `\`%${name}\`` });
    return undefined;
  }
  return { kind: "macro", name, ...index, ...(argument === undefined ? {} : { argument }), span };
}

function checkIndex(
  program: RuleProgram,
  { name, index, span }: Macro,
  scopes: readonly Scope[],
): void {
  for (const { name: call, prototype, fromClass } of scopes) {
    if (fromClass) continue;
    const { length } = prototype.params;
    if (
      (name === "param" || name === "fd" || name === "path" || name === "dir") &&
      index !== undefined &&
      (index < 1 || index > length)
    ) {
      program.report.add("param_out_of_range", span, [String(index), call, length]);
      return;
    }
    const param = name === "fd" ? prototype.params[(index ?? 0) - 1] : undefined;
    if (param !== undefined && !isDescriptor(param)) {
      program.report.add("not_a_descriptor", span, [index ?? 0, call, KIND_NAMES[param.type.kind]]);
      return;
    }
    if (name === "argv" && !prototype.params.some(({ type }) => type.kind === "strings")) {
      program.report.add("no_argv", span, [`%${name}`, call], { hint: "it belongs to execve" });
      return;
    }
  }
}
