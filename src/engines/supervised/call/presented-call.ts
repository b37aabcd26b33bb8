/** A traced call under the name and with the parameters that a rule uses. */
import {
  type FileTest,
  type IntVariable,
  MAX_STRING,
  type OpenFile,
  type Presentation,
  readParam,
  type StringRead,
  type StringVariable,
} from "../../../language/index.ts";
import { wordSize } from "../../../linux/index.ts";
import { numberVariable, textVariable } from "../../../variables/index.ts";
import { hasAncestor } from "../task/ancestors.ts";
import { processAsSeen } from "../task/pidfd.ts";
import type { ProcFiles } from "../task/proc-files.ts";
import { CallerOf } from "./caller.ts";
import { fileAt, fileOf } from "./file-of.ts";
import { openFileOf } from "./open-file.ts";
import type { FileRead, PresentedView, ReadCall, TextList } from "./read-call.ts";

export class PresentedCall implements PresentedView {
  readonly presentation: Presentation;
  readonly wordSize: 4 | 8;
  readonly readsAll = true;
  readonly traced: ReadCall;
  /** Which of several messages of the call this one is about, from 0. */
  readonly message: number;
  readonly #files: ProcFiles;
  #ownCaller: CallerOf | undefined;
  /** By their index. */
  #paths: Map<number, FileRead> | undefined;

  constructor(call: ReadCall, presentation: Presentation) {
    this.traced = call;
    this.#files = call.context.tasks.files;
    this.message = call.message;
    this.presentation = presentation;
    this.wordSize = wordSize(presentation.abi);
  }

  arg(index: number): bigint {
    return this.traced.args[index] ?? 0n;
  }

  readMemory(address: bigint, size: number): Uint8Array | undefined {
    return this.traced.readMemory(address, size);
  }

  readString(address: bigint): StringRead | undefined {
    return this.traced.readString(address);
  }

  intVariable(name: IntVariable): bigint | undefined {
    return numberVariable(name).proc(this.#caller);
  }

  stringVariable(name: StringVariable): StringRead | undefined {
    return text(textVariable(name).proc(this.#caller));
  }

  path(index: number): FileRead {
    this.#paths ??= new Map();
    const known = this.#paths.get(index);
    if (known !== undefined) return known;
    const found = fileOf(this, index);
    this.#paths.set(index, found);
    return found;
  }

  get #caller(): CallerOf {
    this.#ownCaller ??= new CallerOf(this.traced);
    return this.#ownCaller;
  }

  isMeant(test: FileTest, text: Uint8Array): boolean {
    const { literals } = this.traced.context;
    const file = test.subject.kind === "pathOf" ? this.path(test.subject.index) : undefined;
    return literals.isMeant(test, text, typeof file === "object" ? file?.key : undefined);
  }

  processOf(pidfd: bigint): bigint | undefined {
    const fd = Number(BigInt.asIntN(32, pidfd));
    const pid = this.traced.process(fd, () => processAsSeen(this.#files, this.traced.task.tid, fd));
    return pid === undefined ? undefined : BigInt(pid);
  }

  openFile(fd: number): OpenFile | null | undefined {
    const { tid } = this.traced.task;
    const path = (of: number): FileRead => fileAt(this.traced, of);
    return this.traced.openFile(fd, () => openFileOf({ files: this.#files, tid, path }, fd));
  }

  argv(index: number | undefined): StringRead | null | undefined {
    const list = this.#strings("argv");
    if (list === undefined || list === null) return list;
    if (index === undefined) return joinTexts(list);
    return list[index] ?? null;
  }

  envp(name: string): StringRead | null | undefined {
    const list = this.#strings("envp");
    if (list === undefined || list === null) return list;
    const prefix = Buffer.from(`${name}=`);
    const found = list.find(({ bytes }) => prefix.equals(bytes.subarray(0, prefix.length)));
    return found ? { ...found, bytes: found.bytes.subarray(prefix.length) } : null;
  }

  descendsFrom(ancestor: string | number): boolean | undefined {
    const parent = this.traced.credentials()?.ppid;
    return parent === undefined ? undefined : hasAncestor(this.#files, parent, ancestor);
  }

  #strings(which: "argv" | "envp"): TextList {
    return this.traced.list(which, () => this.#readStrings(which));
  }

  #readStrings(which: "argv" | "envp"): TextList {
    const lists = this.presentation.params.flatMap(({ type }, i) =>
      type.kind === "strings" ? [i + 1] : [],
    );
    const at = lists[which === "argv" ? 0 : 1];
    if (at === undefined) return null;
    const start = readParam(this, at);
    if (start === "absent" || start === 0n) return null;
    if (start === "unreadable") return undefined;
    return this.traced.readList(start);
  }
}

function text(bytes: Uint8Array | undefined): StringRead | undefined {
  if (bytes === undefined) return undefined;
  return { bytes: bytes.subarray(0, MAX_STRING), truncated: bytes.length > MAX_STRING };
}

/** Separated by one space each. */
function joinTexts(list: readonly StringRead[]): StringRead {
  const parts = list.flatMap(({ bytes }, i) => (i === 0 ? [bytes] : [SPACE, bytes]));
  return { bytes: Buffer.concat(parts), truncated: list.some((one) => one.truncated) };
}

const SPACE = Buffer.from(" ");
