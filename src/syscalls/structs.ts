/** Fields of structs that parameters point to, with their offsets on each ABI. */
import type { Abi, StructField } from "../language/vocabulary.ts";

export function structField(_struct: string, _field: string, _abi: Abi): StructField | undefined {
  return undefined;
}

export function listStructFields(_struct: string): readonly string[] {
  return [];
}
