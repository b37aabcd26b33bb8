/** `sct syscalls`: what rules may name, and what a name covers. */
import type { ParamType, Presentation, ValueSource } from "../../language/vocabulary.ts";
import { vocabulary } from "../../syscalls/index.ts";
import type { Arguments, Command } from "../command.ts";
import { UsageError } from "../errors.ts";
import { ExitCode } from "../exit-codes.ts";

export const syscalls: Command = {
  usage: "[NAME|@CLASS]... [--json]",
  about: `Without an argument: all system calls and classes that a rule may name. With a name: its
parameters as rules see them, and the calls that it covers with their numbers. With a class:
the names it stands for.`,
  options: [{ name: "json", help: "print JSON, one object a line" }],
  examples: ["sct syscalls unlink", "sct syscalls @delete"],
  run,
};

async function run(args: Arguments): Promise<ExitCode> {
  const isJson = args.has("json");
  const names =
    args.operands.length > 0
      ? args.operands
      : [...vocabulary.callNames.toSorted(), ...vocabulary.classNames];
  const isList = args.operands.length === 0;
  const parts = names.map((name) => {
    const members = name.startsWith("@") ? vocabulary.classMembers(name) : undefined;
    if (members !== undefined) return isJson ? classJson(name, members) : classText(name, members);
    const presentations = vocabulary.presentations(name, "variants");
    if (presentations === undefined) throw new UsageError(unknown(name));
    if (isJson) return callJson(name, presentations);
    return isList ? `${prototype(name, presentations)}\n` : callText(name, presentations);
  });
  process.stdout.write(parts.join(isList || isJson ? "" : "\n"));
  return ExitCode.good;
}

function unknown(name: string): string {
  return name.startsWith("@") ? `no class '${name}'` : `no system call '${name}' on x86_64 or i386`;
}

function classText(name: string, members: readonly string[]): string {
  return `${name} = ${members.join(", ")}\n`;
}

function classJson(name: string, members: readonly string[]): string {
  return `${JSON.stringify({ class: name, members })}\n`;
}

/** `unlink(const char * pathname)` */
function prototype(name: string, [first]: readonly Presentation[]): string {
  const params = (first?.params ?? []).map((param) => declaration(param.name, param.type));
  return `${name}(${params.join(", ")})`;
}

function declaration(name: string, type: ParamType): string {
  return type.c.endsWith("*") ? `${type.c.replace(/\s*\*$/, " *")}${name}` : `${type.c} ${name}`;
}

function callText(name: string, presentations: readonly Presentation[]): string {
  const params = (presentations[0]?.params ?? []).map(
    ({ name: param, type }, i) =>
      `  PARAMS[${i + 1}]  ${declaration(param, type)}  (${meaning(type)})\n`,
  );
  const rows = presentations.map((presentation) => [
    presentation.call,
    presentation.abi,
    String(presentation.nr),
    when(presentation),
  ]);
  const widths = [0, 1, 2].map((i) => Math.max(...rows.map((row) => row[i]?.length ?? 0)));
  const covered = rows.map((row) =>
    `  ${row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join("  ")}`.trimEnd(),
  );
  return `${prototype(name, presentations)}\n${params.join("")}covers\n${covered.join("\n")}\n`;
}

function meaning({ kind, semantic, struct }: ParamType): string {
  if (kind === "struct") return `struct ${struct ?? ""}`.trim();
  return semantic === undefined ? kind : `${kind}, ${semantic}`;
}

/** The condition under which the real call counts as this one. */
function when({ guards }: Presentation): string {
  const conditions = guards.map(
    ({ source, mask, value }) => `${sourceText(source)} & 0x${mask.toString(16)} is ${value}`,
  );
  return conditions.length === 0 ? "" : `where ${conditions.join(" and ")}`;
}

function sourceText(source: ValueSource): string {
  switch (source.kind) {
    case "arg":
      return `argument ${source.index + 1}`;
    case "memory":
      return `memory at argument ${source.pointerArg + 1} + ${source.offset}`;
    case "constant":
      return String(source.value);
    case "absent":
      return "nothing";
  }
}

function callJson(name: string, presentations: readonly Presentation[]): string {
  const params = (presentations[0]?.params ?? []).map(({ name: param, type }) => ({
    name: param,
    c: type.c,
    kind: type.kind,
    ...(type.semantic === undefined ? {} : { semantic: type.semantic }),
    ...(type.struct === undefined ? {} : { struct: type.struct }),
  }));
  const covers = presentations.map(({ call, abi, nr, guards }) => ({
    call,
    abi,
    nr,
    conditions: guards.map((guard) => ({
      source: sourceText(guard.source),
      mask: `0x${guard.mask.toString(16)}`,
      value: `0x${guard.value.toString(16)}`,
    })),
  }));
  return `${JSON.stringify({ name, params, covers })}\n`;
}
