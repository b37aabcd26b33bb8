/**
 * State of the generation of one block of code. Register use in all programs:
 *
 *   R6  enter: nothing kept; exit: pending bits     R7  current task_struct
 *   R8  enter: pt_regs; exit: return value          R9  the record (see ../area.ts)
 *   R0 … R5 are scratch
 */
import type { Assembler } from "../../bpf/asm/index.ts";
import type { BoolExpr } from "../../language/checked/index.ts";
import type { Presentation } from "../../language/vocabulary.ts";
import type { FieldGroup } from "../../variables/index.ts";
import type { KernelFacts } from "../facts.ts";
import type { Ancestor } from "../layout/ancestors.ts";
import type { CountLayout } from "../layout/counts.ts";
import type { GroupTable } from "../layout/groups.ts";
import type { IdentityTable } from "../layout/identities.ts";
import type { OtherNames, TestSet } from "../layout/other-names.ts";
import type { DfaTable } from "../layout/tables.ts";
import type { Block } from "../plan/block.ts";
import type { StackFrame } from "./stack.ts";

/** Where in the life of a call the code runs. */
export type Stage =
  /** At entry; what cannot be read yet is put off to the exit. */
  | "enter"
  /** At exit, for a `before` rule whose memory was not there at entry. */
  | "late"
  /** In a security hook, for what could not be read at entry. */
  | "hook"
  /** At exit, for `after` rules. */
  | "exit"
  /** As enter, but unreadable is final: for tests against the evaluator. */
  | "final";

/** What a text may mean. */
export interface Meaning {
  /** Position of the text among those of the block. */
  readonly k: number;
  readonly tests: TestSet;
  /** Index of the tests among all sets. */
  readonly set: number;
  /** Stack slot of the place of the bits. */
  readonly slot: number;
}

/** Where a condition jumps to. */
export interface Outcomes {
  readonly yes: string;
  readonly no: string;
  readonly unreadable: string;
}

/** Code that tests lead to, to be emitted behind the last of them: jumps lead forward (see ../../bpf/asm/exits.ts). */
export interface Aside {
  readonly label: string;
  readonly emit: () => void;
}

/** Where an atom goes when a number in it does not exist (absent, divided by zero) or cannot be read. */
export interface Faults {
  readonly missing: string;
  readonly unreadable: string;
}

export interface Context {
  readonly a: Assembler;
  readonly facts: KernelFacts;
  readonly block: Block;
  readonly stage: Stage;
  readonly stack: StackFrame;
  readonly tables: DfaTable;
  readonly identities: IdentityTable;
  readonly otherNames: OtherNames;
  readonly counts: CountLayout;
  readonly groups: GroupTable;
  /** So many rules that differ in constants alone share code. */
  readonly groupsFrom: number;
  /** R9 points into task storage rather than to the stack. */
  readonly hasArea: boolean;
  /** Rules are asked when the call has returned, though the stage does not say so. */
  readonly isAfter?: boolean;
  /** Groups of record fields that are already filled in. */
  readonly filled: Set<FieldGroup>;
  /** Stack slots that hold the record offset of string k, from 1; string 0 is at a fixed place. */
  readonly stringOffsets: readonly number[];
  /** Stack slot that holds the record offset behind the last string. */
  readonly tailEnd: number | undefined;
  /** What texts mean besides what they say. */
  readonly meanings: readonly Meaning[];
  /** What filters ask of ancestors; the answers of each group are in a stack slot. */
  readonly ancestors: readonly {
    readonly group: readonly Ancestor[];
    readonly number: number;
    readonly slot: number;
  }[];
  /** Stack slot of the errno (positive) that the program will return, where it decides. */
  readonly verdict: number | undefined;
  /** The security hook that the code runs in; its arguments are at r8. */
  readonly hook: string | undefined;
  /** Number of an argument of the hook by its name, which the kernel has. */
  hookArgument(name: string): number;
  /** An operation of io_uring: no call that could be made again. */
  readonly isRing: boolean;
  /** Bytes before the record in an area. */
  readonly areaStart: number;
  /** Threads get an area when they first need one. */
  readonly createsAreas: boolean;
  /** The code is that of several calls, and finds out here what their first site is: a stack slot, or a field of the area. */
  readonly sharedSite: { readonly slot: number } | "area" | undefined;
  /** Rule sets share a ring: each counts its sites from its own first number on. */
  readonly firstSite: number;
  /** Number of the rule set. */
  readonly generation: number;
  /** What choices by chance depend on; undefined: on nothing. */
  readonly seed: number | undefined;
  /** Conditions have numbers in them, and numbers conditions. */
  readonly emitCondition: (c: Context, p: Presentation, expr: BoolExpr, to: Outcomes) => void;
}
