/** What a plan is: for each system call the rules that may see it, and what programs read for them. */
import type { CheckedRule, Target } from "../../language/checked/index.ts";
import type {
  Abi,
  Fixed,
  Presentation,
  PresentedParam,
  StructField,
  ValueSource,
} from "../../language/vocabulary.ts";
import type { DescriptorMember } from "../../variables/index.ts";

/** One way to see the call under a name of the rule; taken if all guards hold. */
export interface Candidate {
  readonly target: Target;
  readonly presentation: Presentation;
  readonly siteIndex: number;
}

export interface PlannedRule {
  readonly rule: CheckedRule;
  readonly ruleIndex: number;
  readonly candidates: readonly Candidate[];
}

/** Text that programs read: an argument, or a name of a kernel object. */
export type TextSource =
  | ValueSource
  /** Executable and working directory of the caller. */
  | { readonly kind: "exe" }
  | { readonly kind: "cwd" }
  /** Its arguments. */
  | { readonly kind: "cmdline" }
  /** Id of the container that it is in. */
  | { readonly kind: "container" }
  | DescriptorSource
  | BufferSource
  | ListSource
  /** The directory of the descriptor that the nth name of the call may begin at. */
  | { readonly kind: "dir"; readonly nth: number; readonly dirfd: ValueSource }
  /** The nth file of the call (from 0, see fileNumber), as security hooks get it. */
  | { readonly kind: "path"; readonly nth: number }
  | TextField;

/** A member of the open file that a descriptor stands for, as it was when the call began. */
export interface DescriptorSource {
  readonly kind: "fd";
  /** Where the number of the descriptor is. */
  readonly fd: ValueSource;
  /** AT_FDCWD is the working directory. */
  readonly isDirectory: boolean;
  readonly member: DescriptorMember;
  /** Read once more, since a record has an entry of its own for each macro: which of them, from 1. */
  readonly copy?: number;
}

/** A member of a struct whose address the call has. */
export interface FieldPlace {
  readonly pointer: ValueSource;
  /** The call works without the struct: NULL is no member, and not one that cannot be read. */
  readonly isOptional?: true;
  /** Undefined: the struct of this call has no such member. */
  readonly field: StructField | undefined;
  /** The security hook that receives the kernel's own copy of the struct. */
  readonly copyHook?: string;
  /** The struct has it only with these values, all of them. */
  readonly only?: readonly FieldCondition[];
  /** Else it is there. */
  readonly otherwise?: FieldPlace;
}

/** A number of the call has one of the values. */
export interface FieldCondition extends Pick<Fixed, "mask" | "values"> {
  readonly source: ValueSource;
}

/** Text of a member of a struct, or at the pointer that the member is. */
export interface TextField extends FieldPlace {
  readonly kind: "field";
  /** The call may have written it: what it is when the call returns. */
  readonly atExit: boolean;
}

/** As many bytes as the call says, at a pointer or in the pieces of a vector; NUL is one of them. */
export interface BufferSource {
  readonly kind: "buffer";
  readonly pointer: PresentedParam;
  /** Of a vector, the elements say it. */
  readonly length: PresentedParam | undefined;
  /** The call fills it: it is read when the call has returned, and RETVAL is how many bytes it has. */
  readonly isFilled: boolean;
}

/** From a vector of strings, which a NULL ends (argv and envp of execve). */
export interface ListSource {
  readonly kind: "list";
  readonly pointer: ValueSource;
  readonly part: /** All strings, with one space between two. */
    | { readonly is: "joined" }
    /** All strings, with a NUL behind each. */
    | { readonly is: "all" }
    /** One of them, from 0. */
    | { readonly is: "nth"; readonly n: number }
    /** What stands behind `NAME=` in the first that begins so. */
    | { readonly is: "value"; readonly name: string };
}

/** Text with a place in the record of a block; distinguished by where it comes from. */
export interface StringSlot {
  readonly source: TextSource;
}

/** All that rules want at one system call. */
export interface PlannedBlock {
  readonly id: number;
  readonly abi: Abi;
  readonly nr: number;
  /** Name of the call that is really made. */
  readonly call: string;
  /** The lowest number of its sites. */
  readonly firstSite: number;
  readonly before: readonly PlannedRule[];
  readonly after: readonly PlannedRule[];
  /** Read before any rule is evaluated, in this order. */
  readonly strings: readonly StringSlot[];
  /** Exec replaces the memory that arguments live in. */
  readonly isExec: boolean;
  readonly reports: ReportNeeds;
}

export interface Enforcement {
  /** The entry program decides the return value; what it cannot decide is left to the hooks of the block. */
  readonly modify: boolean;
}

/** All that happens at one system call, and how rules that act on it take effect. */
export interface Block extends PlannedBlock {
  /** How acting rules take effect before the call; undefined: they do not. */
  readonly enforcement: Enforcement | undefined;
  /** Security hooks that carry out decisions, and evaluate what entries could not. */
  readonly hooks: readonly string[];
  /** Other hooks, where acting rules meet operations of io_uring that stand for the call. */
  readonly ringHooks: readonly string[];
}

/** What events have beside what rules look at. */
export interface ReportNeeds {
  /** All that is known of the caller. */
  readonly caller: boolean;
  /** The directories that names in lines begin at. */
  readonly directories: boolean;
}

export interface SitePlan {
  readonly ruleIndex: number;
  readonly rule: CheckedRule;
  readonly presentation: Presentation;
}

export interface Plan<B extends PlannedBlock = Block> {
  readonly blocks: readonly B[];
  readonly sites: readonly SitePlan[];
}
