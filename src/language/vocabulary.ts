/**
 * What the language must know about Linux: names of calls, their parameters, constants.
 * The language room is pure and gets an implementation passed in (src/linux has the real one).
 */

export type Abi = "x86_64" | "i386";

/**
 * How a parameter takes part in expressions.
 * int: number; string: NUL-terminated text at a pointer; path: a string that names a file;
 * buffer: `length` bytes at a pointer; struct: memory with named fields; strings: NULL-ended array of
 * string pointers (argv); pointer: an address nothing more is known of (compares as a number).
 */
export type ParamKind = "int" | "string" | "path" | "buffer" | "struct" | "strings" | "pointer";

export interface ParamType {
  /** C spelling as in the kernel's prototype, e.g. `const char *`. */
  readonly c: string;
  readonly kind: ParamKind;
  /** Width in bytes of the value on this ABI: 1, 2, 4 or 8. */
  readonly size: 1 | 2 | 4 | 8;
  readonly signed: boolean;
  /** What the number means: fd, dirfd, open_flags, mode, pid, signal, uid, sockaddr … (see src/linux). */
  readonly semantic?: string;
  /** Name of the C struct, for kind `struct`. */
  readonly struct?: string;
  /** For buffers: 1-based index of the presented parameter that holds the length in bytes. */
  readonly lengthParam?: number;
  /** For buffers: the call fills it, and RETVAL is how many bytes it has put there. */
  readonly isFilled?: boolean;
}

/** Where the value of a presented parameter comes from in the call that was really made. */
export type ValueSource =
  /** Register argument 0..5. */
  | { readonly kind: "arg"; readonly index: number }
  /** User memory at (register argument `pointerArg`) + `offset` (openat2's how, socketcall's array). */
  | {
      readonly kind: "memory";
      readonly pointerArg: number;
      readonly offset: number;
      readonly size: 1 | 2 | 4 | 8;
      /** The field is that of each element of a vector, of which this is the first. */
      readonly vector?: Vector;
      /**
       * It is a struct timespec { seconds; nanoseconds }, both of this size, whose time counts in milliseconds as poll(2)
       * takes it; without a struct, -1.
       */
      readonly isTimespec?: boolean;
    }
  /** The process that a pidfd stands for, as the caller counts. */
  | { readonly kind: "process"; readonly arg: number }
  /** The variant implies it (creat implies O_CREAT|O_WRONLY|O_TRUNC). */
  | { readonly kind: "constant"; readonly value: bigint }
  /** The name has no such thing here: comparisons with it are false. */
  | { readonly kind: "absent" }
  /** The variant has it in another form, in which nobody looks for it: unreadable. */
  | { readonly kind: "unknown" };

/** An array of struct iovec { pointer; length }, both of the ABI's word size (readv, writev). */
export interface Vector {
  /** Register argument that counts the elements; the kernel looks at its low 32 bits. */
  readonly countArg: number;
  /** text: at the pointers, that of all elements one behind the other; length: the sum. */
  readonly holds: "text" | "length";
}

export interface PresentedParam {
  readonly name: string;
  readonly type: ParamType;
  readonly source: ValueSource;
  /** Paths only: the directory (descriptor or AT_FDCWD) where a relative one begins; absent: the working directory. */
  readonly dirfd?: ValueSource;
  /**
   * Paths only: a symbolic link at the end is not followed if one of these holds; an empty list: it never is
   * (unlink). Absent: it always is.
   */
  readonly nofollow?: readonly PresentationGuard[];
  /**
   * Paths only: an empty name (or NULL) is that of the directory descriptor itself if one of these holds; an empty list: it
   * always is. Absent: it names nothing (ENOENT).
   */
  readonly mayBeEmpty?: readonly PresentationGuard[];
  /** Structs only: where the address of a socket is that the call takes; PATH is the file of a unix socket there. */
  readonly address?: SocketAddress;
  /** Structs only: bytes of a vector that it is or leads to, as PARAMS[n].data. */
  readonly data?: VectorData;
  /** Structs only: the call works without it, where the parameter is NULL. */
  readonly isOptional?: true;
}

/** Bytes in the pieces of a vector of struct iovec. */
export interface VectorData {
  /** The call fills it, and RETVAL is how many bytes it has put there. */
  readonly isFilled: boolean;
  /** Elements of the vector that the parameter points to; absent: it points to a struct msghdr, which has vector and number. */
  readonly count?: ValueSource;
}

/** An address that a call takes, not one that it gives. */
export type SocketAddress =
  /** The parameter points to it; `length` bytes. With `creates` its file is made: a link at the end is not followed. */
  | { readonly in: "sockaddr"; readonly length: ValueSource; readonly creates: boolean }
  /** The parameter points to a struct msghdr, which points to it. */
  | { readonly in: "msghdr" }
  /** The parameter points to `count` structs mmsghdr, which begin with a msghdr. */
  | { readonly in: "mmsghdr"; readonly count: ValueSource };

/** The presentation applies only if (value of source & mask) == value. */
export interface PresentationGuard {
  readonly source: ValueSource;
  readonly mask: bigint;
  readonly value: bigint;
}

/** One real call (number on one ABI) seen under the name that a rule uses. */
export interface Presentation {
  /** Name the rule uses. */
  readonly as: string;
  /** Name of the call that is really made. */
  readonly call: string;
  readonly abi: Abi;
  readonly nr: number;
  readonly guards: readonly PresentationGuard[];
  readonly params: readonly PresentedParam[];
}

/** What is known of a call beside its parameters, for warnings and for rules that protect files. */
export interface CallKnowledge {
  /** exit(2): never seen at its end, unless a rule fails it. */
  readonly neverReturns?: true;
  /** The kernel's vDSO answers in the program itself (vdso(7)): since when; empty text: always. */
  readonly withoutKernel?: string;
  /** Other operations that have its effect, beyond its variants. */
  readonly otherWays?: OtherWays;
  /** Calls that do the same to a file that is open. */
  readonly byDescriptor?: readonly string[];
  /** What it does to a file with a name: the kind of call that a rule protects the file from. */
  readonly toFile?: FileEffect;
  /** It names a file, and no security hook receives it: only supervision knows the file. */
  readonly isFileUnseen?: boolean;
}

export interface OtherWays {
  readonly others: readonly string[];
  /** Said behind their names. */
  readonly condition?: string;
  readonly hint: string;
  /** Instead, where a rule is about the files of unix sockets. */
  readonly ofSockets?: { readonly condition: string; readonly hint: string };
}

export type FileEffect =
  | "open"
  /** Changes it by its name. */
  | "truncate"
  | "unlink"
  /** Gives it another name. */
  | "rename"
  | "link"
  /** Puts another file in its place. */
  | "replace";

/** What rules that deny such mounts look at. */
export interface Mounting {
  readonly call: string;
  /** Position of the parameter with the type of the file system, from 1. */
  readonly type?: number;
  /** Where it is mounted, as a filter says it. */
  readonly over?: string;
  /** When it mounts a directory at a second place, as a filter says it; empty text: always. */
  readonly copies?: string;
}

export interface StructField {
  readonly offset: number;
  readonly type: ParamType;
  /** Stored big-endian, shown in host order (sin_port). */
  readonly bigEndian?: boolean;
  /** It is a member of another struct, to which a pointer in the first one leads. Of NULL it is absent. */
  readonly behind?: { readonly offset: number; readonly size: 4 | 8 };
  /** The struct has it only in calls with these values; in others it is absent. */
  readonly only?: readonly Fixed[];
  /** What it is instead where they are not met. */
  readonly otherwise?: StructField;
}

/** A parameter, from 1, of which the bits of the mask have one of these values. */
export interface Fixed {
  readonly param: number;
  readonly mask: bigint;
  readonly values: readonly bigint[];
}

/** What parameters are in calls with certain values of others: the command of fcntl, level and name of setsockopt. */
export interface TypeCase {
  readonly when: readonly Fixed[];
  /** The first of the values of each, as rules name it. */
  readonly names: readonly string[];
  /** By position from 1. `struct`: they lead to one, or to a number, whose members are those of the parameter. */
  readonly types: ReadonlyMap<number, "string" | "struct">;
}

/** Numbers of users and groups by name; undefined: there is none. */
export interface AccountNames {
  user(name: string): bigint | undefined;
  group(name: string): bigint | undefined;
}

export interface Vocabulary {
  /** Those that a call can have on this machine, the native one first. */
  readonly abis: readonly [Abi, ...Abi[]];
  /** Bytes of a register, a pointer, a `long`. */
  wordSize(abi: Abi): 4 | 8;
  /** All call names of both ABIs, for "did you mean". */
  readonly callNames: readonly string[];
  /** Class names with the `@`, for "did you mean". */
  readonly classNames: readonly string[];
  /** Names a class stands for (canonical names whose variants cover the rest); undefined: no such class. */
  classMembers(name: string): readonly string[] | undefined;
  /**
   * All presentations of a call name; undefined: no such call on any ABI. With `exact` only the call itself.
   * The first is the prototype: the named call itself on the native ABI (on another one where that lacks it).
   */
  presentations(name: string, match: "variants" | "exact"): readonly Presentation[] | undefined;
  /** Nothing is known of names that are no calls. */
  knowledge(name: string): CallKnowledge;
  /** Of a call whose parameters have types by the values of others. */
  typeCases(name: string): readonly TypeCase[];
  /** Calls that mount, and can get around rules on the files below. */
  readonly mountings: readonly Mounting[];
  /** Value of a named constant of the headers (O_CREAT, SIGKILL, EPERM, AF_INET …). */
  constant(name: string): bigint | undefined;
  readonly constantNames: Iterable<string>;
  /** errno number (1..4095) of a name like EPERM. */
  errno(name: string): number | undefined;
  /** Name of an errno number. */
  errnoName(number: number): string | undefined;
  /** Field of a struct on an ABI, for PARAMS[n].field; undefined: unknown. */
  structField(struct: string, field: string, abi: Abi): StructField | undefined;
  structFieldNames(struct: string): readonly string[];
}
