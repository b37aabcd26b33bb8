/** A small Linux for unit tests: a few calls, their variants, constants and one struct. */
import type {
  Abi,
  CallKnowledge,
  ParamType,
  Presentation,
  PresentedParam,
  StructField,
  ValueSource,
  Vocabulary,
} from "../vocabulary.ts";

const int = (size: 2 | 4 | 8, signed: boolean, semantic?: string): ParamType => ({
  c: "int",
  kind: "int",
  size,
  signed,
  ...(semantic ? { semantic } : {}),
});
const types = {
  int: int(4, true),
  fd: int(4, false, "fd"),
  dirfd: int(4, true, "dirfd"),
  flags: int(4, true),
  uint: int(4, false),
  umode: int(2, false),
  long: int(8, true),
  ulong: int(8, false),
  path: { c: "const char *", kind: "path", size: 8, signed: false },
  string: { c: "const char *", kind: "string", size: 8, signed: false },
  strings: { c: "const char *const *", kind: "strings", size: 8, signed: false },
  pointer: { c: "void *", kind: "pointer", size: 8, signed: false },
  sockaddr: { c: "struct sockaddr *", kind: "struct", size: 8, signed: false, struct: "sockaddr" },
  buffer3: { c: "const char *", kind: "buffer", size: 8, signed: false, lengthParam: 3 },
} satisfies Readonly<Record<string, ParamType>>;
type TypeName = keyof typeof types;

/** `name:type` for each parameter. */
type Prototype = readonly `${string}:${TypeName}`[];

const calls: Readonly<Record<string, readonly [number, number, Prototype]>> = {
  read: [0, 3, ["fd:fd", "buf:buffer3", "count:ulong"]],
  write: [1, 4, ["fd:fd", "buf:buffer3", "count:ulong"]],
  open: [2, 5, ["filename:path", "flags:flags", "mode:umode"]],
  getpid: [39, 20, []],
  connect: [42, 362, ["fd:fd", "addr:sockaddr", "addrlen:int"]],
  execve: [59, 11, ["filename:path", "argv:strings", "envp:strings"]],
  kill: [62, 37, ["pid:int", "sig:int"]],
  rename: [82, 38, ["oldname:path", "newname:path"]],
  rmdir: [84, 40, ["pathname:path"]],
  creat: [85, 8, ["pathname:path", "mode:umode"]],
  unlink: [87, 10, ["pathname:path"]],
  chmod: [90, 15, ["filename:path", "mode:umode"]],
  fchmod: [91, 94, ["fd:fd", "mode:umode"]],
  ptrace: [101, 26, ["request:long", "pid:long", "addr:ulong", "data:ulong"]],
  setuid: [105, 213, ["uid:uint"]],
  sethostname: [170, 74, ["name:string", "len:int"]],
  openat: [257, 295, ["dfd:dirfd", "filename:path", "flags:flags", "mode:umode"]],
  unlinkat: [263, 301, ["dfd:dirfd", "pathname:path", "flag:flags"]],
  open_by_handle_at: [304, 342, ["mountdirfd:dirfd", "handle:pointer", "flags:flags"]],
};

/** Variants of a name: the call, where each parameter of the name comes from, and a guard. */
type Variant = readonly [
  call: string,
  sources: readonly ValueSource[],
  guard?: readonly [index: number, mask: bigint, value: bigint],
];
const arg = (index: number): ValueSource => ({ kind: "arg", index });
const absent: ValueSource = { kind: "absent" };
const variants: Readonly<Record<string, readonly Variant[]>> = {
  open: [
    ["openat", [arg(1), arg(2), arg(3)]],
    ["creat", [arg(0), { kind: "constant", value: 0o1101n }, arg(1)]],
    ["open_by_handle_at", [absent, arg(2), absent]],
  ],
  unlink: [["unlinkat", [arg(1)], [2, 0x200n, 0n]]],
  rmdir: [["unlinkat", [arg(1)], [2, 0x200n, 0x200n]]],
};

const abis: readonly [Abi, ...Abi[]] = ["x86_64", "i386"];

function typeOn(type: ParamType, abi: Abi): ParamType {
  const narrow = abi === "i386" && type.size === 8;
  return narrow ? { ...type, size: 4 } : type;
}

function present(
  as: string,
  call: string,
  abi: Abi,
  sources?: readonly ValueSource[],
): Presentation {
  const [x64, x86] = calls[call] ?? [0, 0];
  const params: PresentedParam[] = (calls[as]?.[2] ?? []).map((param, i) => {
    const [name = "", type = "int"] = param.split(":") as [string, TypeName];
    return { name, type: typeOn(types[type], abi), source: sources?.[i] ?? arg(i) };
  });
  return { as, call, abi, nr: abi === "x86_64" ? x64 : x86, guards: [], params };
}

const constants: Readonly<Record<string, bigint>> = {
  O_RDONLY: 0n,
  O_WRONLY: 1n,
  O_CREAT: 0o100n,
  AT_FDCWD: -100n,
  AT_REMOVEDIR: 0x200n,
  SIGKILL: 9n,
  AF_INET: 2n,
  PTRACE_ATTACH: 16n,
};
const errnos: Readonly<Record<string, number>> = {
  EPERM: 1,
  ENOENT: 2,
  EIO: 5,
  EACCES: 13,
  EINVAL: 22,
};

const field = (offset: number, type: ParamType, bigEndian = false): StructField => ({
  offset,
  type,
  ...(bigEndian ? { bigEndian } : {}),
});
const sockaddr: Readonly<Record<string, StructField>> = {
  sa_family: field(0, int(2, false)),
  sin_port: field(2, int(2, false), true),
  sin_addr: field(4, int(4, false), true),
  addr: field(0, types.pointer),
  sun_path: field(2, { c: "char[108]", kind: "path", size: 8, signed: false }),
};

const classes: Readonly<Record<string, readonly string[]>> = {
  "@file": ["open", "unlink", "rmdir", "rename", "read"],
  "@delete": ["unlink", "rmdir"],
  "@exec": ["execve"],
  "@all": Object.keys(calls),
};

const knowledge: Readonly<Record<string, CallKnowledge>> = {
  open: { toFile: "open" },
  openat: { toFile: "open" },
  rename: { toFile: "rename" },
  unlink: { toFile: "unlink" },
  unlinkat: { toFile: "unlink" },
  chmod: { byDescriptor: ["fchmod"] },
};

/** The test vocabulary. */
export const testVocabulary: Vocabulary = {
  abis,
  wordSize: (abi) => (abi === "i386" ? 4 : 8),
  callNames: Object.keys(calls),
  classNames: Object.keys(classes),
  classMembers: (name) => (Object.hasOwn(classes, name) ? classes[name] : undefined),
  presentations(name, match) {
    if (!Object.hasOwn(calls, name)) return undefined;
    const all = abis.map((abi) => present(name, name, abi));
    if (match === "exact") return all;
    for (const [call, sources, guard] of variants[name] ?? []) {
      for (const abi of abis) {
        const shown = present(name, call, abi, sources);
        const guards = guard ? [{ source: arg(guard[0]), mask: guard[1], value: guard[2] }] : [];
        all.push({ ...shown, guards });
      }
    }
    return all;
  },
  knowledge: (name) => (Object.hasOwn(knowledge, name) ? (knowledge[name] ?? {}) : {}),
  mountings: [{ call: "mount", type: 3, over: "PATH" }],
  constant: (name) => (Object.hasOwn(constants, name) ? constants[name] : undefined),
  constantNames: [...Object.keys(constants), ...Object.keys(errnos)],
  errno: (name) => (Object.hasOwn(errnos, name) ? errnos[name] : undefined),
  errnoName: (number) => Object.keys(errnos).find((name) => errnos[name] === number),
  typeCases: () => [],
  structField: (struct, name) =>
    struct === "sockaddr" && Object.hasOwn(sockaddr, name) ? sockaddr[name] : undefined,
  structFieldNames: (struct) => (struct === "sockaddr" ? Object.keys(sockaddr) : []),
};
