/** Turns a row of a generated table into typed parameters. */
import type { Abi, ParamType } from "../language/vocabulary.ts";
import { readCType } from "./c-type.ts";
import type { CallRow } from "./call/row.ts";
import { ofParam, rowOf } from "./call/rows.ts";
import { commandStruct, isStruct } from "./command-struct.ts";
import { meaningsOfNumbers, meaningsOfPointers, meaningsOfTypes } from "./semantics.ts";

export interface Param {
  readonly name: string;
  readonly type: ParamType;
}

/** `int dfd, const char * filename` → parameters of `call`. */
export function readPrototype(call: string, params: string, abi: Abi): readonly Param[] {
  if (params === "") return [];
  const declarations = params.split(", ").map((text) => {
    const at = Math.max(text.lastIndexOf(" "), text.lastIndexOf("*")) + 1;
    return { c: tidy(text.slice(0, at)), name: text.slice(at) };
  });
  const names = declarations.map(({ name }) => name);
  return declarations.map(({ c, name }) => ({ name, type: readType(call, name, c, abi, names) }));
}

function readType(
  call: string,
  name: string,
  c: string,
  abi: Abi,
  names: readonly string[],
): ParamType {
  const type = readPlainType(call, name, c, abi, names);
  return isByCommand(rowOf(call), name) ? { ...type, struct: commandStruct(call, name) } : type;
}

/** Members of the parameter are those of several structs, each for some commands. */
function isByCommand({ typesBy }: CallRow, name: string): boolean {
  if (typesBy === undefined) return false;
  return Object.values(typesBy.cases).some((types) => isStruct(ofParam(types, name)));
}

function readPlainType(
  call: string,
  name: string,
  c: string,
  abi: Abi,
  names: readonly string[],
): ParamType {
  const { size, signed, target } = readCType(c, abi);
  const special = ofParam(rowOf(call).means, name);
  if (target !== undefined) {
    const base = { c, size, signed } as const;
    return readPointer(base, special ?? meaningOfPointer(name, target), names);
  }
  const bare = c.replace(/\bconst\b/g, "").trim();
  const meaning = special ?? meaningsOfNumbers[name] ?? meaningsOfTypes[bare];
  const base = { c, kind: "int", size, signed } as const;
  if (meaning === undefined || meaning === "") return base;
  const [semantic = "", narrow] = meaning.split(":");
  if (narrow === "s32") return { ...base, semantic, size: 4, signed: true };
  if (narrow === "u32" && size === 8) return { ...base, semantic, size: 4 };
  return { ...base, semantic };
}

/** Only a `char *` can be recognised by its name; the rest by what it points to. */
function meaningOfPointer(name: string, target: string): string {
  if (target === "char" || /^char\s*\*$/.test(target)) {
    return meaningsOfPointers[name] ?? "pointer";
  }
  const struct = /^(?:struct|union) (\w+)$/.exec(target)?.[1];
  if (struct !== undefined) return `struct:${struct}`;
  if (target === "siginfo_t") return "struct:siginfo";
  if (target === "stack_t") return "struct:sigaltstack";
  return "pointer";
}

function readPointer(
  base: { readonly c: string; readonly size: 1 | 2 | 4 | 8; readonly signed: boolean },
  meaning: string,
  names: readonly string[],
): ParamType {
  const [kind = "", detail = ""] = meaning.split(":");
  switch (kind) {
    case "path":
    case "string":
    case "strings":
      return { ...base, kind };
    case "struct": {
      const semantic = detail === "sockaddr" ? { semantic: "sockaddr" } : {};
      return { ...base, kind, struct: detail, ...semantic };
    }
    case "buffer":
      return { ...base, kind, lengthParam: names.indexOf(detail) + 1 };
    case "filled":
      return { ...base, kind: "buffer", lengthParam: names.indexOf(detail) + 1, isFilled: true };
    default:
      return { ...base, kind: "pointer" };
  }
}

/** `const char *const * ` → `const char *const *` */
function tidy(c: string): string {
  return c.replace(/\s+/g, " ").trim();
}
