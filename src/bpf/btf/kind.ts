/**
 * The BTF format (include/uapi/linux/btf.h): a header, type records, strings.
 *
 *   struct btf_header  | magic u16 | version u8 | flags u8 | hdr_len | type_off | type_len | str_off | str_len |
 *   struct btf_type    | name_off | info | size or type | kind-specific data … |
 *   info               31     28   24            16     0
 *                      | kflag | kind |          | vlen |
 *
 * Type ids count from 1; 0 is void. Offsets of types and strings count from the end of the header.
 */
export const BTF_MAGIC = 0xeb9f;
export const BTF_HEADER_SIZE = 24;
/** Bytes of struct btf_type, before the kind-specific data. */
export const BTF_TYPE_SIZE = 12;

export const Kind = {
  INT: 1,
  PTR: 2,
  ARRAY: 3,
  STRUCT: 4,
  UNION: 5,
  ENUM: 6,
  FWD: 7,
  TYPEDEF: 8,
  VOLATILE: 9,
  CONST: 10,
  RESTRICT: 11,
  FUNC: 12,
  FUNC_PROTO: 13,
  VAR: 14,
  DATASEC: 15,
  FLOAT: 16,
  DECL_TAG: 17,
  TYPE_TAG: 18,
  ENUM64: 19,
} as const;

/** Bytes of kind-specific data: a fixed part, and a part for each of `vlen` members. */
export const EXTRA_SIZE: readonly (readonly [fixed: number, each: number] | undefined)[] = [
  undefined,
  [4, 0], // INT
  [0, 0], // PTR
  [12, 0], // ARRAY
  [0, 12], // STRUCT
  [0, 12], // UNION
  [0, 8], // ENUM
  [0, 0], // FWD
  [0, 0], // TYPEDEF
  [0, 0], // VOLATILE
  [0, 0], // CONST
  [0, 0], // RESTRICT
  [0, 0], // FUNC
  [0, 8], // FUNC_PROTO
  [4, 0], // VAR
  [0, 12], // DATASEC
  [0, 0], // FLOAT
  [4, 0], // DECL_TAG
  [0, 0], // TYPE_TAG
  [0, 12], // ENUM64
];

export const INT_SIGNED = 1;

/** vlen of FUNC: its linkage. Callbacks of helpers must be static. */
export const Linkage = { static: 0, global: 1 } as const;
