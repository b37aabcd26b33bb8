/** Size and sign of the C types that stand in prototypes of calls. */
import { table } from "../base/table.ts";
import type { Abi } from "../language/vocabulary.ts";
import { wordSize } from "./arch/machine.ts";

export interface CType {
  readonly size: 1 | 2 | 4 | 8;
  readonly signed: boolean;
  /** What it points to, without `const`; undefined: no pointer. */
  readonly target?: string;
}

const SIGNED_4 =
  "int __s32 s32 pid_t clockid_t timer_t key_t key_serial_t mqd_t rwf_t old_time32_t";
const UNSIGNED_4 = "unsigned|unsigned int|u32|__u32|uid_t|gid_t|qid_t";

const sizes = table<CType>({
  ...all(SIGNED_4.split(" "), { size: 4, signed: true }),
  ...all(UNSIGNED_4.split("|"), { size: 4, signed: false }),
  ...all(["unsigned char", "u8"], { size: 1, signed: false }),
  ...all(["umode_t", "old_uid_t", "old_gid_t", "unsigned short", "u16"], {
    size: 2,
    signed: false,
  }),
  ...all(["u64", "__u64"], { size: 8, signed: false }),
  ...all(["loff_t", "s64", "__s64"], { size: 8, signed: true }),
});
/** As wide as a register of the ABI. */
const words = table<boolean>({
  long: true,
  off_t: true,
  __kernel_old_time_t: true,
  "unsigned long": false,
  size_t: false,
  aio_context_t: false,
  old_sigset_t: false,
});
/** Pointers behind a typedef, with what they point to. */
const pointers = table<string>({
  __sighandler_t: "void",
  cap_user_header_t: "struct __user_cap_header_struct",
  cap_user_data_t: "struct __user_cap_data_struct",
});

/** Throws on a type that no table knows: the tables are generated, so a test meets them all. */
export function readCType(c: string, abi: Abi): CType {
  const bare = c
    .replace(/\bconst\b/g, "")
    .replace(/\s+/g, " ")
    .trim();
  const target = bare.endsWith("*") ? bare.slice(0, -1).trim() : pointers[bare];
  if (target !== undefined) return { size: wordSize(abi), signed: false, target };
  const signed = words[bare];
  if (signed !== undefined) return { size: wordSize(abi), signed };
  const known = bare.startsWith("enum ") ? sizes["unsigned int"] : sizes[bare];
  if (known === undefined) throw new Error(`unknown C type: ${c}`);
  return known;
}

function all(names: readonly string[], type: CType): Record<string, CType> {
  return Object.fromEntries(names.map((name) => [name, type]));
}
