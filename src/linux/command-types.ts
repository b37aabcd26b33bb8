/**
 * What parameters are by the values of others, from the rows of the calls: strings, and structs whose members are there for
 * some commands only. Two commands can have a member of one name in different places.
 */
import type { Abi, Fixed, StructField, TypeCase } from "../language/vocabulary.ts";
import type { TypesBy } from "./call/row.ts";
import { ofParam, rowOf } from "./call/rows.ts";
import { findCall } from "./calls.ts";
import { commandStruct, isStruct } from "./command-struct.ts";
import { findConstant } from "./constants.ts";
import { findPrototype } from "./presentations.ts";
import type { Param } from "./prototype.ts";
import { fieldsOf, listStructFields, structField } from "./structs.ts";

type Fields = Map<string, StructField>;
interface Case extends Pick<TypeCase, "when" | "names"> {
  readonly types: Readonly<Record<string, string>>;
}

const cases = new Map<string, readonly Case[]>();
const members = new Map<string, Fields | undefined>();
/** What the kernel looks at of a command. */
const LOW = 0xffff_ffffn;

/** Member of a struct, or of all that a parameter can lead to; undefined: there is none of that name. */
export function findMember(struct: string, name: string, abi: Abi): StructField | undefined {
  return byCommand(struct, abi)?.get(name) ?? structField(struct, name, abi);
}

export function listMembers(struct: string): readonly string[] {
  return [...(byCommand(struct, "x86_64")?.keys() ?? listStructFields(struct))];
}

/** Types of parameters by the values of others. */
export function casesOf(call: string): readonly TypeCase[] {
  const names = findPrototype(call)?.params.map(({ name }) => name) ?? [];
  return readCases(call).map(({ when, names: commands, types }) => ({
    when,
    names: commands,
    types: new Map(
      Object.entries(types).map(([param, type]) => [
        names.indexOf(param) + 1,
        isStruct(type) ? "struct" : "string",
      ]),
    ),
  }));
}

/** Members that a parameter leads to: with which commands, in words, and their names. */
export function membersOf(
  call: string,
  { name: param, type }: Param,
): readonly { readonly where: string; readonly names: readonly string[] }[] {
  const { typesBy } = rowOf(call);
  const isByCommand = typesBy !== undefined && type.struct === commandStruct(call, param);
  if (!isByCommand) return [{ where: "", names: listStructFields(type.struct ?? "") }];
  return Object.entries(typesBy.cases).flatMap(([text, types]) => {
    const kind = ofParam(types, param);
    if (kind === undefined || !isStruct(kind)) return [];
    const [, name = prototypeStruct(call, param, "x86_64")] = kind.split(":");
    const says = readCommands(text).map((some, i) => `${typesBy.by[i]} is ${some.join(" ")}`);
    return { where: says.join(" and "), names: listStructFields(name) };
  });
}

function readCases(call: string): readonly Case[] {
  const { typesBy } = rowOf(call);
  if (typesBy === undefined) return [];
  let found = cases.get(call);
  if (found === undefined) {
    const names = findPrototype(call)?.params.map(({ name }) => name) ?? [];
    found = Object.entries(typesBy.cases).map(([text, types]) => {
      const commands = readCommands(text);
      return {
        when: fixParameters(commands, typesBy, names),
        names: commands.map(([first = ""]) => first),
        types,
      };
    });
    cases.set(call, found);
  }
  return found;
}

/** `F_SETLK|F_GETLK`, and `SOL_SOCKET SO_LINGER` of two parameters. A list may go over several lines. */
function readCommands(text: string): string[][] {
  return text
    .replace(/\s*\|\s*/g, "|")
    .split(" ")
    .map((part) => part.split("|"));
}

function fixParameters(
  commands: readonly (readonly string[])[],
  { by, mask, shift = 0 }: TypesBy,
  names: readonly string[],
): Fixed[] {
  return by.map((name, i) => ({
    param: names.indexOf(name) + 1,
    mask: mask ?? (LOW << BigInt(shift)) & LOW,
    values: (commands[i] ?? []).map((one) => (constantOf(one) << BigInt(shift)) & LOW),
  }));
}

function constantOf(name: string): bigint {
  const value = /^\d/.test(name) ? BigInt(name) : findConstant(name);
  if (value === undefined) throw new Error(`no constant ${name}`);
  return value;
}

/** Members of the parameter that `struct` names; undefined: it names a struct, or nothing. */
function byCommand(struct: string, abi: Abi): Fields | undefined {
  const key = `${struct}/${abi}`;
  if (!members.has(key)) {
    const [call = "", param = ""] = struct.split(".");
    const isKnown = ofParam(rowOf(call).typesBy && namesOf(call), param) !== undefined;
    members.set(key, isKnown ? collect(call, param, abi) : undefined);
  }
  return members.get(key);
}

function namesOf(call: string): Readonly<Record<string, string>> {
  return Object.assign({}, ...readCases(call).map(({ types }) => types));
}

function collect(call: string, param: string, abi: Abi): Fields {
  const fields: Fields = new Map();
  for (const { when, types } of readCases(call)) {
    const type = ofParam(types, param);
    if (type === undefined || !isStruct(type)) continue;
    const [, name = prototypeStruct(call, param, abi)] = type.split(":");
    const struct = fieldsOf(name, abi);
    if (struct === undefined) throw new Error(`${commandStruct(call, param)}: no struct ${name}`);
    for (const [member, field] of struct)
      fields.set(member, join(fields.get(member), { ...field, only: when }));
  }
  return fields;
}

function prototypeStruct(call: string, param: string, abi: Abi): string {
  const { params } = findCall(call, abi) ?? findPrototype(call) ?? { params: [] };
  const c = params.find(({ name }) => name === param)?.type.c ?? "";
  return /^(?:const )?struct (\w+)/.exec(c)?.[1] ?? "";
}

/** The widest is first: what is shown of any of them fits. */
function join(known: StructField | undefined, field: StructField): StructField {
  if (known === undefined) return field;
  const { otherwise, ...first } = known;
  const both = mergeCommands(first, field);
  if (both !== undefined) return otherwise === undefined ? both : { ...both, otherwise };
  if (field.type.size > known.type.size) return { ...field, otherwise: known };
  return { ...first, otherwise: otherwise === undefined ? field : join(otherwise, field) };
}

/** One member for the commands of both, where it lies in the same place. */
function mergeCommands(one: StructField, other: StructField): StructField | undefined {
  const { only: [...commands] = [], ...place } = one;
  const { only: otherCommands = [], ...otherPlace } = other;
  if (JSON.stringify(place) !== JSON.stringify(otherPlace)) return undefined;
  const last = commands.pop();
  const otherLast = otherCommands.at(-1);
  const isSame = commands.every(
    ({ values }, i) => values.join() === otherCommands[i]?.values.join(),
  );
  if (last === undefined || otherLast === undefined || !isSame) return undefined;
  const values = [...new Set([...last.values, ...otherLast.values])];
  return { ...one, only: [...commands, { ...last, values }] };
}
