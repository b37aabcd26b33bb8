/**
 * Writes the record of a call as kernel programs do (src/events/layout.ts), into memory that is used again. Only
 * what somebody looks at is read from /proc: each file costs more than all the rest.
 */

import { type Macro, MOST_EXTRA_MACROS, readExtraMacro } from "../../events/index.ts";
import {
  COMM_SIZE,
  isStored,
  RECORD_HEADER_SIZE,
  RecordFlag,
  RecordOffset,
  type StoredSource,
  TAIL_CMDLINE,
  TAIL_CWD,
  TAIL_DIR,
  TAIL_ENTRY_HEADER_SIZE,
  TAIL_EXE,
  TAIL_MACRO,
  TAIL_PATH,
  TAIL_VALUE,
  TailStatus,
  UNKNOWN_ID,
} from "../../events/layout.ts";
import {
  fileParameters,
  MAX_STRING,
  namesInDirectories,
  type PresentedParam,
  readBufferStart,
  readSource,
  type StringRead,
  type ValueSource,
} from "../../language/index.ts";
import {
  type IntVariable,
  isIntVariable,
  isStringVariable,
  type StringVariable,
  VARIABLES,
  type VariableName,
} from "../../variables/index.ts";
import { directoryOf } from "./call/file-of.ts";
import type { PresentedCall } from "./call/presented-call.ts";
import type { FileRead } from "./call/read-call.ts";
import type { Needs } from "./needs.ts";

const MOST_PARAMS = 6;
/** A number, a text, a file and its directory for each parameter; executable, directory and arguments of the caller. */
const MOST_ENTRIES = 4 * MOST_PARAMS + 3 + MOST_EXTRA_MACROS;
const MOST_BYTES = RECORD_HEADER_SIZE + MOST_ENTRIES * (TAIL_ENTRY_HEADER_SIZE + MAX_STRING + 8);

export interface RecordHeader {
  readonly site: number;
  readonly seq: number;
  /** CLOCK_BOOTTIME, ns. */
  readonly time: bigint;
  readonly duration: bigint;
  readonly flags: number;
  readonly macros: readonly Macro[];
  /** Parameters whose bytes are shown, from 1. */
  readonly buffers: readonly number[];
}

/** A variable that the header of the record has a place for. */
interface HeaderField<Name> {
  readonly name: Name;
  readonly at: number;
  /** What says that the value could not be read, where the value itself cannot. */
  readonly flag: number;
  /** Nobody asks for it, and it would cost a file. */
  readonly isLeftOut: boolean;
}

function headerFields({ variables }: Needs): readonly HeaderField<VariableName>[] {
  return VARIABLES.flatMap(([name, { record, isOnDemand }]) => {
    if (record.in !== "id" && record.in !== "name") return [];
    const { field, unknownFlag } = record;
    return [
      {
        name,
        at: RecordOffset[field],
        flag: unknownFlag === undefined ? 0 : RecordFlag[unknownFlag],
        isLeftOut: isOnDemand === true && !variables.has(name),
      },
    ];
  });
}

export class RecordWriter {
  readonly bytes = new Uint8Array(MOST_BYTES);
  readonly #view = new DataView(this.bytes.buffer);
  readonly #needs: Needs;
  readonly #ids: readonly HeaderField<IntVariable>[];
  readonly #names: readonly HeaderField<StringVariable>[];
  #end = 0;

  constructor(needs: Needs) {
    this.#needs = needs;
    const fields = headerFields(needs);
    this.#ids = fields.flatMap(({ name, ...rest }) =>
      isIntVariable(name) ? [{ name, ...rest }] : [],
    );
    this.#names = fields.flatMap(({ name, ...rest }) =>
      isStringVariable(name) ? [{ name, ...rest }] : [],
    );
  }

  /** Length of the record, which begins at 0 of `bytes`. */
  write(call: PresentedCall, header: RecordHeader): number {
    const view = this.#view;
    const { site, seq, time, duration, flags, macros, buffers } = header;
    const { args, retval } = call.traced;
    view.setUint32(RecordOffset.site, site, true);
    view.setUint32(RecordOffset.seq, seq, true);
    view.setUint32(RecordOffset.seq + 4, Math.floor(seq / 4_294_967_296), true);
    view.setBigUint64(RecordOffset.time, time, true);
    view.setBigUint64(RecordOffset.duration, duration, true);
    view.setBigInt64(RecordOffset.retval, retval ?? 0n, true);
    const unknown = this.#writeIds(call) | this.#writeNames(call);
    view.setUint32(RecordOffset.flags, flags | unknown, true);
    for (let i = 0; i < MOST_PARAMS; i++)
      view.setBigUint64(RecordOffset.args + i * 8, args[i] ?? 0n, true);
    this.#end = RECORD_HEADER_SIZE;
    let count = 0;
    const { params } = call.presentation;
    for (let i = 0; i < params.length; i++) {
      const param = params[i] as PresentedParam;
      const { source } = param;
      if (source.kind === "absent" || source.kind === "unknown") continue;
      if (isStored(source)) {
        this.#writeValue(call, source, i + 1);
        count++;
      }
      if (param.type.kind === "string" || param.type.kind === "path") {
        this.#writeText(call, param.source, i + 1);
        count++;
      } else if (buffers.includes(i + 1)) {
        const read = readBufferStart(call, i + 1);
        if (read === "absent") this.#writeEntry(i + 1, TailStatus.null, 0);
        else this.#writeRead(i + 1, read === "unreadable" ? undefined : read);
        count++;
      }
    }
    count += this.#writeFiles(call);
    for (const [n, macro] of macros.entries()) {
      const { status, bytes } = readExtraMacro(call, macro);
      this.bytes.set(bytes, this.#writeEntry(TAIL_MACRO + n, status, bytes.length));
      count++;
    }
    view.setUint32(RecordOffset.tailCount, count, true);
    return this.#end;
  }

  /** Flags of those that are not known. */
  #writeIds(call: PresentedCall): number {
    let unknown = 0;
    for (const { name, at, flag, isLeftOut } of this.#ids) {
      const value = isLeftOut ? undefined : call.intVariable(name);
      this.#view.setUint32(at, value === undefined ? UNKNOWN_ID : Number(value), true);
      if (value === undefined) unknown |= flag;
    }
    return unknown;
  }

  /** Flags of those that are not known. */
  #writeNames(call: PresentedCall): number {
    let unknown = 0;
    for (const { name, at, flag, isLeftOut } of this.#names) {
      const read = isLeftOut ? undefined : call.stringVariable(name);
      this.bytes.fill(0, at, at + COMM_SIZE);
      if (read === undefined) unknown |= flag;
      else this.bytes.set(read.bytes.subarray(0, COMM_SIZE), at);
    }
    return unknown;
  }

  #writeValue(call: PresentedCall, source: StoredSource, index: number): void {
    const value = readSource(call, source);
    if (typeof value !== "bigint") this.#writeEntry(TAIL_VALUE + index, TailStatus.unreadable, 0);
    else {
      const at = this.#writeEntry(TAIL_VALUE + index, TailStatus.ok, 8);
      this.#view.setBigUint64(at, value, true);
    }
  }

  /** Number of entries written. */
  #writeFiles(call: PresentedCall): number {
    const { variables, cmdline, dir, path } = this.#needs;
    let count = 0;
    const write = (id: number, read: FileRead): void => {
      // the call uses no file
      if (read === "refused" || read === null) this.#writeEntry(id, TailStatus.null, 0);
      else this.#writeRead(id, read);
      count++;
    };
    if (variables.has("EXE")) write(TAIL_EXE, call.stringVariable("EXE"));
    if (variables.has("CWD")) write(TAIL_CWD, call.stringVariable("CWD"));
    if (cmdline) write(TAIL_CMDLINE, cut(call.traced.cmdline()));
    if (dir)
      for (const { nth, dirfd } of namesInDirectories(call.presentation))
        write(TAIL_DIR + nth, directoryOf(call, dirfd));
    if (!path) return count;
    const { params } = call.presentation;
    for (const [nth, at] of fileParameters(call.presentation).entries()) {
      const param = params[at - 1];
      if (param === undefined || param.source.kind === "absent") continue;
      const isName = param.type.kind === "path" || param.address !== undefined;
      const file = call.path(at);
      // of a call without names, the open file, if there is one
      if (isName || file !== undefined) write(TAIL_PATH + nth, file);
    }
    return count;
  }

  #writeText(call: PresentedCall, source: ValueSource, index: number): void {
    const address = readSource(call, source);
    if (address === 0n) {
      this.#writeEntry(index, TailStatus.null, 0);
      return;
    }
    this.#writeRead(index, typeof address === "bigint" ? call.readString(address) : undefined);
  }

  #writeRead(id: number, read: StringRead | null | undefined): void {
    if (read === null) {
      this.#writeEntry(id, TailStatus.null, 0);
      return;
    }
    if (read === undefined) {
      this.#writeEntry(id, TailStatus.unreadable, 0);
      return;
    }
    const isWhole = !read.truncated && read.bytes.length <= MAX_STRING;
    const bytes = read.bytes.subarray(0, MAX_STRING);
    const status = isWhole ? TailStatus.ok : TailStatus.truncated;
    this.bytes.set(bytes, this.#writeEntry(id, status, bytes.length));
  }

  /** Where the entry's bytes go. */
  #writeEntry(id: number, status: number, length: number): number {
    const at = this.#end;
    this.#view.setUint16(at, id, true);
    this.#view.setUint16(at + 2, status, true);
    this.#view.setUint32(at + 4, length, true);
    const start = at + TAIL_ENTRY_HEADER_SIZE;
    this.#end = start + Math.ceil(length / 8) * 8;
    return start;
  }
}

function cut(bytes: Uint8Array | undefined): StringRead | undefined {
  if (bytes === undefined) return undefined;
  return { bytes: bytes.subarray(0, MAX_STRING), truncated: bytes.length > MAX_STRING };
}
