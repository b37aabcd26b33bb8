/**
 * What a variable of the rule language is: its type for the checker, its place in the record for events, the way a
 * kernel program and /proc give it for engines. Data with typed keys, and one function over a narrow interface.
 */
import type { Caller } from "./caller.ts";

export interface IntType {
  readonly size: 1 | 2 | 4 | 8;
  readonly signed: boolean;
}

export const s32: IntType = { size: 4, signed: true };
export const u32: IntType = { size: 4, signed: false };
export const s64: IntType = { size: 8, signed: true };
export const u64: IntType = { size: 8, signed: false };

/** Where an event has the value; the names are those of src/events/layout.ts. */
export type RecordPlace =
  /** An id of the header, 32 bits. Where all numbers mean something, a flag says that it could not be read. */
  | { readonly in: "id"; readonly field: IdField; readonly unknownFlag?: UnknownFlag }
  /** 16 bytes of the header, cut to 15 by the kernel. */
  | { readonly in: "name"; readonly field: "comm" | "pcomm"; readonly unknownFlag?: UnknownFlag }
  /** 64 bits of the header. */
  | { readonly in: "word"; readonly field: "retval" | "duration" }
  /** Text in the tail. */
  | { readonly in: "tail"; readonly object: "exe" | "cwd" }
  /** Text in the tail of events whose log format asks for it: a number of so many bits without sign, or text. */
  | { readonly in: "macro"; readonly bits?: 32 | 64 }
  /** The same for all events of one presentation of a call. */
  | { readonly in: "site"; readonly part: "nr" | "call" | "abi" };

export type IdField =
  | "pid"
  | "tid"
  | "ppid"
  | "loginuid"
  | "uid"
  | "gid"
  | "suid"
  | "sgid"
  | "euid"
  | "egid"
  | "fsuid"
  | "fsgid"
  | "sessionid";

export type UnknownFlag = "loginuidUnknown" | "sessionidUnknown" | "pcommUnknown";

/** Kernel structs that values are copied from: task_struct of the caller, of its parent, of the parent's first thread; cred. */
export type KernelStruct = "task" | "cred" | "parent" | "parentLeader";

/** How a kernel program gets the value. */
export type KernelSource =
  /** Copied from a member of a struct to its place in the record, together with all of the same group. */
  | {
      readonly from: KernelStruct;
      readonly group: FieldGroup;
      /** Name in the type information of the kernel. */
      readonly member: string;
      /** Some kernels are built without it; the value is then all ones. */
      readonly isOptional?: true;
    }
  /** Known when the code is made. */
  | { readonly from: "site" }
  /** Programs at the return of calls put it into the record. */
  | { readonly from: "return" }
  /** Found by a walk through directories. */
  | { readonly from: "path" }
  /** A number behind pointers: from the caller on, member by member. */
  | { readonly from: "walk"; readonly steps: readonly KernelStep[] }
  /** Looked for in the names of the caller's control groups. */
  | { readonly from: "groups" };

/** A member of a struct; with `ofLast` that member of the last element, where the struct has one for each of its levels. */
export interface KernelStep {
  readonly struct: string;
  readonly member: string;
  readonly ofLast?: string;
}

/** Values that are loaded together. */
export type FieldGroup = "process" | "parent" | "pcomm" | "creds" | "comm" | "audit";

interface Common {
  /** Of the thread that makes the call, or of the call. */
  readonly of: "caller" | "call";
  /** What can change it between a decision and the call: nothing, or a process that shares memory with the caller. */
  readonly lies: "kernel" | "memory";
  /** There is none before the call has returned. */
  readonly when?: "after";
  readonly record: RecordPlace;
  readonly kernel: KernelSource;
  /** Known when a call returns, without looking into /proc again. */
  readonly kept: boolean;
  /** It changes without a call that is seen: ids of the thread are read for each call. */
  readonly isFleeting?: true;
  /** It costs a file of its own in /proc, which is read for rules only that ask for it. */
  readonly isOnDemand?: true;
  /** In a `test` block: it follows from the call, or is that of another variable unless it is given. */
  readonly inTests?: { readonly follows: true } | { readonly like: string };
}

export interface NumberVariable extends Common {
  readonly type: IntType;
  /** Its numbers have names. */
  readonly account?: "user" | "group";
  /** Undefined: it cannot be read. */
  proc(caller: Caller): bigint | undefined;
}

export interface TextVariable extends Common {
  readonly type: "text";
  /** It is an absolute path with all links resolved. */
  readonly isFile?: true;
  /** Undefined: it cannot be read. */
  proc(caller: Caller): Uint8Array | undefined;
}

export type Variable = NumberVariable | TextVariable;
