/** A call of a traced thread as what reads it sees it: what was read once is kept (traced-call.ts). */
import type { Abi, CallView, OpenFile, Presentation, StringRead } from "../../../language/index.ts";
import type { MissingFile } from "../task/path-resolver.ts";
import type { Credentials, Identity, Task } from "../task/task.ts";
import type { CallContext } from "./call-context.ts";
import type { ProcessLink } from "./changes.ts";

export interface FileName extends StringRead {
  /** See Resolved. */
  readonly key?: string | undefined;
  readonly missing?: MissingFile | undefined;
}

export type FileRead = FileName | "refused" | null | undefined;

/** Null: the call has no such list, or gets NULL; undefined: unreadable. */
export type TextList = readonly StringRead[] | null | undefined;

export interface ReadCall {
  readonly name: string;
  readonly abi: Abi;
  readonly nr: number;
  readonly args: BigUint64Array;
  readonly tid: number;
  /** Of the thread when it made the call. */
  readonly comm: Uint8Array;
  readonly context: CallContext;
  /** Of a call that sends several messages: the one that is looked at, from 0. */
  readonly message: number;
  readonly retval: bigint | undefined;
  /** Of a call that has returned, ns. */
  readonly durationNs: bigint | undefined;
  readonly task: Task;
  /** Whose memory it is that addresses lead into. */
  readonly memoryOwner: number;
  identity(): Identity | undefined;
  credentials(): Credentials | undefined;
  link(name: ProcessLink): Uint8Array | undefined;
  cmdline(): Uint8Array | undefined;
  list(key: string, read: () => TextList): TextList;
  readMemory(address: bigint, size: number): Uint8Array | undefined;
  readString(address: bigint): StringRead | undefined;
  readList(start: bigint): readonly StringRead[] | undefined;
  process(pidfd: number, find: () => number | undefined): number | undefined;
  openFile(fd: number, find: () => OpenFile | null | undefined): OpenFile | null | undefined;
  path(key: string, resolve: () => FileRead): FileRead;
}

/** A call under the name and with the parameters that a rule uses. */
export interface PresentedView extends CallView {
  readonly presentation: Presentation;
  readonly traced: ReadCall;
  /** Which of several messages of the call this one is about, from 0. */
  readonly message: number;
}
