/**
 * What is known of a call beside its number and prototype, which the generated tables have: one row, in the file of
 * its family. docs/howto/add-a-call.md explains each field. A call without a row is just what its prototype says.
 */
import type { CallKnowledge, Mounting } from "../../language/vocabulary.ts";
import type { HookName } from "../hook/rows.ts";
import type { Variant, VariantCondition } from "./notation.ts";
import type { RingUse } from "./ring.ts";

export interface CallRow extends Omit<CallKnowledge, "isFileUnseen"> {
  /** Classes that list the name; its variants come with it. */
  readonly classes?: readonly ClassName[];
  /** Other calls to the same effect: the name covers them. */
  readonly variants?: readonly Variant[];
  /**
   * The same call under another number: on i386 most calls that grew got a second one (chown32, stat64 …), and socketcall and
   * ipc multiplex whole families. A twin whose call is the name itself says how i386's own differs.
   */
  readonly twins?: readonly Variant[];
  /** Of a name that only i386 has: the name whose calls it stands for. Its parameters are the first ones of that name's. */
  readonly aliasOf?: string;

  /** What parameters mean, where it does not follow from name and type: notation in ../semantics.ts. */
  readonly means?: Readonly<Record<string, string>>;
  /** Path parameters of which a symbolic link at the end stands for itself if one holds. Others are followed to their end. */
  readonly keepsLink?: ParamConditions;
  /**
   * Path parameters that may be empty (or NULL) if one holds: the name is then that of the directory descriptor itself, which
   * need not be a directory. For any other the kernel answers ENOENT.
   */
  readonly mayBeEmpty?: ParamConditions;
  /** What other parameters are, or lead to, by the value of one or two. */
  readonly typesBy?: TypesBy;
  /** Parameters by which the call takes the address of a socket. */
  readonly addresses?: Readonly<Record<string, AddressRow>>;
  /** Parameters that are a vector of struct iovec, with the parameter that counts its elements, or a struct msghdr with one. */
  readonly data?: Readonly<Record<string, DataRow>>;

  /**
   * Security hooks in which the call is denied: measured on Linux 6.1 and 6.12 by denying in one hook at a time. Chosen is
   * the earliest that only this kind of operation reaches and that has no side effect. Absent: it reaches none. Where hooks
   * were renamed between kernels all names are given: those that exist are used.
   */
  readonly hooks?: readonly HookName[];
  /** Hooks that receive the file of the call, instead of those of `hooks` that do. */
  readonly fileHooks?: readonly HookName[];
  /** What the call can do without passing any of its hooks, for people. */
  readonly unhooked?: string;
  /** The call does several things, each of which passes the hooks: one that is let pass does not decide the next. */
  readonly repeatsHooks?: true;

  /**
   * The operation of io_uring to the same effect: the name of the call that stands for it, or, where it is this one, the
   * hooks that it reaches (none: no hook that distinguishes it from others).
   */
  readonly ring?: string | readonly RingUse[];
  /** io_submit has an operation to the same effect. */
  readonly aio?: true;

  /** What it may change of the thread that makes it, or of what its names mean. */
  readonly changes?: readonly Change[];
  /** Ways out of supervision that it is: the engine has the code for each. */
  readonly escapes?: readonly Escape[];
  /** Its file is found in another way than by the text of a path: the engine has the code. */
  readonly pathBy?: "handle" | "how";
  /** A mount by it can get around rules on the files below. */
  readonly mounting?: Omit<Mounting, "call">;
}

export type Escape =
  /** ptrace(2): takes hold of another process by some requests, and sets what its tracer stops for. */
  | "traces"
  /** Takes hold of another process: its pid, or a pidfd of it, is the first argument. */
  | "holds-pid"
  | "holds-pidfd"
  /** clone(2): a child that no tracer follows. */
  | "untraced-child"
  /** seccomp(2): a listener of its own. */
  | "listens"
  /** ioctl(2): input on the terminal, as if typed. */
  | "types"
  /** A file system with files of another one in it; the type and layers are where the call has them. */
  | "mounts-layers"
  | "configures-layers"
  /** Operations that are no calls. */
  | "sets-up-ring"
  | "uses-ring"
  | "sets-up-aio";

/** No conditions at all: always. */
type ParamConditions = Readonly<Record<string, readonly VariantCondition[]>>;

export type CallFamily = Readonly<Record<string, CallRow>>;

/** Classes with a list; `@desc` and `@all` follow from prototypes. */
export type ClassName =
  /** Everything that takes the name of a file. */
  | "@file"
  /** Makes a name of a file vanish; `rename` may too, but has its own name. */
  | "@delete"
  | "@exec"
  | "@network"
  /** Begin, end and wait for processes. */
  | "@process"
  | "@signal"
  | "@memory"
  | "@ipc"
  /** Reads or changes user, group and capability sets. */
  | "@creds"
  | "@clock"
  | "@module";

/** What lies behind pointers, by command. docs/howto/add-a-call.md shows one. */
export interface TypesBy {
  /** Parameters with the command; with two, the second says what the first means (level and name of an option). */
  readonly by: readonly [string] | readonly [string, string];
  /** Bits that count, where others hold flags. */
  readonly mask?: bigint;
  /** How far to the left the command stands in its parameter. */
  readonly shift?: number;
  /**
   * Constants or numbers, `F_SETLK|F_GETLK`, of each parameter with the command: `SOL_SOCKET SO_LINGER|SO_MARK`. For each
   * parameter that has a type then: `string`, or `struct:NAME` as in ../struct-layouts.ts; `struct` is that of the prototype.
   */
  readonly cases: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/** How a parameter leads to the address of a socket, and which parameter says how many bytes or messages there are. */
export interface AddressRow {
  readonly in: "sockaddr" | "msghdr" | "mmsghdr";
  readonly size?: string;
  /** A unix socket's file is made. */
  readonly creates?: boolean;
}

export interface DataRow {
  /** Absent: of a struct msghdr, which says it itself. */
  readonly count?: string;
  /** The call fills the pieces, and returns how many bytes it has put there. */
  readonly isFilled?: true;
}

export type Change =
  /** Users, groups or capabilities of the thread. */
  | "ids"
  /** The program: memory, arguments, executable, and the ids where it is set-user-ID. */
  | "program"
  /** Arguments, as /proc shows them. */
  | "cmdline"
  /** Which file /proc shows as the executable. */
  | "exe"
  /** The working directory. */
  | "cwd"
  /** The root, or which files are under the names. */
  | "root"
  /** Which files are under the names, the working directory's and the executable's among them. */
  | "mounts"
  /** Names of files, the working directory's and the executable's among them. */
  | "names"
  /** Namespaces: ids, root and working directory may be others in them. */
  | "namespaces"
  /** There is a thread or process more. */
  | "tasks";
