/** Fields of structs that parameters point to, with their offsets on each ABI. */
import type { Abi, ParamType, StructField } from "../language/vocabulary.ts";
import { wordSize } from "./arch/machine.ts";
import { layouts } from "./struct-layouts.ts";

type Fields = ReadonlyMap<string, StructField>;
interface Member {
  readonly type: ParamType;
  /** Bytes in memory; those of an array are not those of its type. */
  readonly bytes: number;
  readonly align: number;
  readonly bigEndian?: boolean;
}

const cache = new Map<string, Fields>();

/** Field of a struct, or undefined if either is unknown. */
export function structField(struct: string, field: string, abi: Abi): StructField | undefined {
  return fieldsOf(struct, abi)?.get(field);
}

export function listStructFields(struct: string): readonly string[] {
  return [...(fieldsOf(struct, "x86_64")?.keys() ?? [])];
}

/** Name of the first field at an offset. */
export function structNameAt(struct: string, offset: number, abi: Abi): string | undefined {
  const fields = [...(fieldsOf(struct, abi) ?? [])];
  return fields.find(([, field]) => field.offset === offset)?.[0];
}

/** Fields by name, in the order of the layout. */
export function fieldsOf(struct: string, abi: Abi): Fields | undefined {
  if (!(struct in layouts)) return undefined;
  const key = `${struct}/${abi}`;
  let fields = cache.get(key);
  if (fields === undefined) {
    fields = layOut(layouts[key] ?? layouts[struct] ?? "", abi);
    cache.set(key, fields);
  }
  return fields;
}

function layOut(layout: string, abi: Abi): Fields {
  const fields = new Map<string, StructField>();
  let end = 0;
  for (const member of layout.split(";")) {
    const [, at, c = "", name = ""] = /^\s*(?:@(\d+)\s+)?(\S+)\s+(\S+)\s*$/.exec(member) ?? [];
    const target = c.startsWith("*") ? c.slice(1) : undefined;
    const { type, bytes, align, bigEndian } = readMember(target === undefined ? c : "pointer", abi);
    const offset = at === undefined ? Math.ceil(end / align) * align : Number(at);
    end = offset + bytes;
    if (name !== "-") fields.set(name, { offset, type, ...(bigEndian ? { bigEndian } : {}) });
    if (target === undefined) continue;
    for (const [member, field] of fieldsOf(target, abi) ?? []) {
      const behind = { ...field, behind: { offset, size: wordSize(abi) } };
      fields.set(`${name}.${member}`, behind);
      if (SHORT_NAMES.has(member)) fields.set(member, behind);
    }
  }
  return fields;
}

/** Members of the address of a message that go without the name of the pointer. */
const SHORT_NAMES: ReadonlySet<string> = new Set(["family", "port", "addr", "path"]);

function readMember(text: string, abi: Abi): Member {
  const [base = "", semantic] = text.split(":");
  const word = wordSize(abi);
  const array = /^(char|u8)\[(\d+)\]$/.exec(base);
  if (array !== null) {
    const type: ParamType = {
      c: base,
      kind: array[1] === "char" ? "string" : "buffer",
      size: 1,
      signed: false,
    };
    return { type, bytes: Number(array[2]), align: 1 };
  }
  if (base === "in6") {
    const type: ParamType = {
      c: "struct in6_addr",
      kind: "buffer",
      size: 8,
      signed: false,
      semantic: "in6_addr",
    };
    return { type, bytes: 16, align: 4 };
  }
  const pointer = /^(pointer|string|path)(64)?$/.exec(base);
  if (pointer !== null) {
    const kind = pointer[1] as "pointer" | "string" | "path";
    const size = pointer[2] === undefined ? word : 8;
    const c = kind === "pointer" ? "void *" : "const char *";
    return { type: { c, kind, size, signed: false }, bytes: size, align: word };
  }
  const number = /^(be|u|s)(8|16|32|64)$/.exec(base);
  const size = number === null ? word : ((Number(number[2]) / 8) as 1 | 2 | 4 | 8);
  const signed = number === null ? base === "long" : number[1] === "s";
  const meaning = semantic === undefined ? {} : { semantic };
  return {
    type: { c: base === "ulong" ? "unsigned long" : base, kind: "int", size, signed, ...meaning },
    bytes: size,
    // i386 aligns 64-bit numbers to 4 bytes
    align: Math.min(size, word),
    ...(number?.[1] === "be" ? { bigEndian: true } : {}),
  };
}
