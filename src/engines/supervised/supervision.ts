/** What all mechanisms share: the rules, what is known of tasks, and what is reported to the outside. */
import type { Abi } from "../../language/index.ts";
import { abis, archOf, nativeAbi } from "../../linux/index.ts";
import type { Ending } from "../../sys/index.ts";
import type { CallContext } from "./call/call-context.ts";
import type { Decider } from "./decide.ts";
import type { Launched } from "./launch/launch.ts";
import type { Needs } from "./needs.ts";
import type { PlainCall } from "./own-processes.ts";
import type { RuleIndex } from "./rule-index.ts";
import type { SuspendQueue } from "./suspended.ts";

/** By what a call is judged, and its judgement carried out. */
export interface CallHandling {
  readonly index: RuleIndex;
  readonly decider: Decider;
  readonly context: CallContext;
  readonly needs: Needs;
  /** Calls that change what is remembered of a thread. */
  readonly watched: Readonly<Record<Abi, ReadonlySet<number>>>;
  /** Calls after which paths may lead elsewhere than for us. */
  readonly rootChanging: Readonly<Record<Abi, ReadonlySet<number>>>;
  /** Fails a call that nobody may make here: its errno. */
  readonly refusal: (call: PlainCall) => number | undefined;
  /** Whether a call takes hold of sct: then it fails with EPERM, whatever the rules let it do. */
  readonly isOnSct: (call: PlainCall) => boolean;
  /** Absent: suspended processes stop until `kill -CONT`. */
  readonly queue: SuspendQueue | undefined;
  /** Something that the user should know, one line. */
  readonly report: (line: string) => void;
}

/** A command that was started to be supervised. */
export interface Supervision extends CallHandling {
  readonly launched: Launched;
  /** The command has ended and its number is free; descendants may continue. */
  readonly rootEnded: (ending: Ending) => void;
}

/** How the command ended; `execErrno` if it never began. */
export interface Finished {
  readonly ending: Ending;
  readonly execErrno: number | undefined;
}

/** One of the mechanisms by which calls stop until they are judged. */
export interface Supervisor {
  /** Resolves when the command and all its descendants are gone; rejects after having killed them. */
  run(): Promise<Finished>;
  /** Kills the command and those of its descendants that are known. */
  kill(): void;
}

const ABI_OF = new Map(abis.map((abi) => [archOf(abi).auditArch, abi]));

export function abiOf(arch: number): Abi {
  return ABI_OF.get(arch) ?? nativeAbi;
}

/** Time for one turn of work before timers and signals get theirs. */
export const TURN_MS = 4;
