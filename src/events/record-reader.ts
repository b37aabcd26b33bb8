/**
 * Reads a record of layout.ts where it lies, in memory that the kernel shares with us. One reader is made per
 * stream and pointed at record after record; a 64-bit field is read as two 32-bit words, so nothing is allocated.
 */

import { VARIABLES } from "../variables/index.ts";
import {
  COMM_SIZE,
  RECORD_HEADER_SIZE,
  RecordFlag,
  RecordOffset,
  TAIL_CMDLINE,
  TAIL_CWD,
  TAIL_DIR,
  TAIL_ENTRY_HEADER_SIZE,
  TAIL_EXE,
  TAIL_FIELD,
  TAIL_MACRO,
  TAIL_PATH,
  TAIL_VALUE,
  TailStatus,
  UNKNOWN_ID,
} from "./layout.ts";
import { MOST_EXTRA_MACROS } from "./macro.ts";

/** No presented call has more parameters (six registers). */
export const MAX_PARAMS = 6;

const TWO_32 = 4_294_967_296;
/** Words kept per tail entry: status, start, end. */
const SLOT_WORDS = 3;
const NO_ENTRY = -1;
/** Slots behind those of texts and values of parameters. */
const EXE_SLOT = 2 * MAX_PARAMS;
const CWD_SLOT = EXE_SLOT + 1;
const CMDLINE_SLOT = CWD_SLOT + 1;
const DIR_SLOT = CMDLINE_SLOT + 1;
const PATH_SLOT = DIR_SLOT + MAX_PARAMS;
const MACRO_SLOT = PATH_SLOT + MAX_PARAMS;
const FIELD_SLOT = MACRO_SLOT + MOST_EXTRA_MACROS;

const FLAG_OF_STATUS: readonly number[] = [0, RecordFlag.unreadable, RecordFlag.truncated, 0];

/** Fields that every number means something in: 0xffffffff is a login of nobody. */
const UNKNOWN_FLAGS: ReadonlyMap<number, number> = new Map(
  VARIABLES.flatMap(([, { record }]) =>
    "unknownFlag" in record && record.unknownFlag !== undefined
      ? [[RecordOffset[record.field], RecordFlag[record.unknownFlag]] as const]
      : [],
  ),
);

/** The bytes are not a record. They come from the kernel, so this is a bug or memory corruption. */
export class RecordError extends Error {
  override readonly name = "RecordError";
}

export class RecordReader {
  /** Memory of the current record: text of tail entries is at [textStart, textEnd) of it. */
  memory: Uint8Array = new Uint8Array(0);
  #view = new DataView(this.memory.buffer);
  /** Offset of the record in `view`, which may begin before `memory`. */
  #base = 0;
  /** Flags that follow from what became of the parameters. */
  #tailFlags = 0;
  /** Slots of the texts of parameters 1..6, then of their values, then of what the caller has, and of files. */
  readonly #slots = new Int32Array((FIELD_SLOT + MOST_EXTRA_MACROS) * SLOT_WORDS);

  /** Points the reader at a record; throws RecordError unless all of it lies in the given range. */
  open(memory: Uint8Array, offset: number, length: number): void {
    if (offset < 0 || length < RECORD_HEADER_SIZE || offset + length > memory.length) {
      throw new RecordError(`Cannot read a record of ${length} bytes at ${offset}`);
    }
    if (memory.buffer !== this.#view.buffer) this.#view = new DataView(memory.buffer);
    this.memory = memory;
    this.#base = memory.byteOffset + offset;
    this.#indexTail(offset, offset + length);
  }

  /** As `open`; false where the bytes are no record. */
  tryOpen(memory: Uint8Array, offset: number, length: number): boolean {
    try {
      this.open(memory, offset, length);
      return true;
    } catch (error) {
      if (error instanceof RecordError) return false;
      throw error;
    }
  }

  #indexTail(offset: number, end: number): void {
    const slots = this.#slots;
    slots.fill(NO_ENTRY);
    this.#tailFlags = 0;
    let at = offset + RECORD_HEADER_SIZE;
    const shift = this.memory.byteOffset;
    for (let left = this.u32(RecordOffset.tailCount); left > 0; left--) {
      if (at + TAIL_ENTRY_HEADER_SIZE > end) throw new RecordError("Cannot read a tail entry: cut");
      const id = this.#view.getUint16(shift + at, true);
      const status = this.#view.getUint16(shift + at + 2, true);
      const size = this.#view.getUint32(shift + at + 4, true);
      const start = at + TAIL_ENTRY_HEADER_SIZE;
      const isNumber = id > TAIL_VALUE && id < TAIL_EXE && status === TailStatus.ok;
      const isShort = (isNumber || (id >= TAIL_MACRO && status === TailStatus.number)) && size < 8;
      if (size > end - start || isShort) {
        throw new RecordError(`Cannot read tail entry ${id}: ${size} bytes`);
      }
      const slot = slotOf(id);
      if (slot >= 0) {
        this.#tailFlags |= flagOf(id, status);
        slots[slot] = status;
        slots[slot + 1] = start;
        slots[slot + 2] = start + size;
      }
      at = start + Math.ceil(size / 8) * 8;
    }
  }

  u32(field: number): number {
    return this.#view.getUint32(this.#base + field, true);
  }

  i32(field: number): number {
    return this.#view.getInt32(this.#base + field, true);
  }

  /** A 64-bit counter or time as a double; exact up to 2^53. */
  double(field: number): number {
    return this.u32(field + 4) * TWO_32 + this.u32(field);
  }

  /** Whether an id of the header could be read. */
  isKnown(field: number): boolean {
    const flag = UNKNOWN_FLAGS.get(field);
    return flag === undefined ? this.u32(field) !== UNKNOWN_ID : (this.flags & flag) === 0;
  }

  /** Whether the bytes from `field` on are these. */
  equals(field: number, bytes: Uint8Array): boolean {
    const start = this.nameStart(field);
    for (let i = 0; i < bytes.length; i++) if (this.memory[start + i] !== bytes[i]) return false;
    return true;
  }

  /** Copies the bytes from `field` on; as many as there is room for. */
  copy(field: number, target: Uint8Array): void {
    const start = this.nameStart(field);
    target.set(this.memory.subarray(start, start + target.length));
  }

  get site(): number {
    return this.u32(RecordOffset.site);
  }

  /** RecordFlag bits; a parameter that is shown cut or not at all counts, even if no filter asked for it. */
  get flags(): number {
    return (this.u32(RecordOffset.flags) | this.#tailFlags) >>> 0;
  }

  get seq(): number {
    return this.double(RecordOffset.seq);
  }

  /** Start of a 16-byte name in `memory`; it ends at `nameEnd`. */
  nameStart(field: number): number {
    return this.#base - this.memory.byteOffset + field;
  }

  /** A thread name fills all 16 bytes or ends with a NUL. */
  nameEnd(field: number): number {
    const start = this.nameStart(field);
    for (let i = 0; i < COMM_SIZE; i++) if (this.memory[start + i] === 0) return start + i;
    return start + COMM_SIZE;
  }

  /** TailStatus of the text of parameter `index` (from 1); -1 if the record has none. */
  textStatus(index: number): number {
    return this.#slots[(index - 1) * SLOT_WORDS] ?? NO_ENTRY;
  }

  textStart(index: number): number {
    return this.#slots[(index - 1) * SLOT_WORDS + 1] ?? 0;
  }

  textEnd(index: number): number {
    return this.#slots[(index - 1) * SLOT_WORDS + 2] ?? 0;
  }

  /**
   * Slot of a name that is not a parameter, for objectStatus, objectStart and objectEnd.
   * `nth` counts path parameters from 0.
   */
  objectSlot(name: ObjectName, nth = 0): number {
    return SLOT_OF_OBJECT[name] + nth;
  }

  /** Slot of the nth macro (from 0) of extra-macros.ts. */
  macroSlot(nth: number): number {
    return MACRO_SLOT + nth;
  }

  /** Slot of the nth macro (from 0) where its value is bytes of a member of a struct. */
  fieldSlot(nth: number): number {
    return FIELD_SLOT + nth;
  }

  /** TailStatus of the name in a slot of objectSlot; -1 if the record has none. */
  objectStatus(slot: number): number {
    return this.#slots[slot * SLOT_WORDS] ?? NO_ENTRY;
  }

  objectStart(slot: number): number {
    return this.#slots[slot * SLOT_WORDS + 1] ?? 0;
  }

  objectEnd(slot: number): number {
    return this.#slots[slot * SLOT_WORDS + 2] ?? 0;
  }

  /** TailStatus of the number that parameter `index` has in user memory; -1 if the record has none. */
  valueStatus(index: number): number {
    return this.#slots[(MAX_PARAMS + index - 1) * SLOT_WORDS] ?? NO_ENTRY;
  }

  valueWord(index: number, word: 0 | 1): number {
    return this.objectWord(MAX_PARAMS + index - 1, word);
  }

  /** A half of the number in a slot. */
  objectWord(slot: number, word: 0 | 1): number {
    const start = this.objectStart(slot);
    return this.#view.getUint32(this.memory.byteOffset + start + word * 4, true);
  }
}

export type ObjectName = "exe" | "cwd" | "cmdline" | "dir" | "path";

const SLOT_OF_OBJECT: Readonly<Record<ObjectName, number>> = {
  exe: EXE_SLOT,
  cwd: CWD_SLOT,
  cmdline: CMDLINE_SLOT,
  dir: DIR_SLOT,
  path: PATH_SLOT,
};

/** What a text that is missing or cut says of the event; the caller's arguments are no parameter of the call. */
function flagOf(id: number, status: number): number {
  if (id === TAIL_CMDLINE) return status === TailStatus.truncated ? RecordFlag.cmdlineTruncated : 0;
  return FLAG_OF_STATUS[status] ?? 0;
}

function slotOf(id: number): number {
  if (id >= 1 && id <= MAX_PARAMS) return (id - 1) * SLOT_WORDS;
  const index = id - TAIL_VALUE;
  if (index >= 1 && index <= MAX_PARAMS) return (MAX_PARAMS + index - 1) * SLOT_WORDS;
  if (id === TAIL_EXE) return EXE_SLOT * SLOT_WORDS;
  if (id === TAIL_CWD) return CWD_SLOT * SLOT_WORDS;
  if (id === TAIL_CMDLINE) return CMDLINE_SLOT * SLOT_WORDS;
  if (id >= TAIL_DIR && id < TAIL_DIR + MAX_PARAMS) return (DIR_SLOT + id - TAIL_DIR) * SLOT_WORDS;
  if (id >= TAIL_MACRO && id < TAIL_MACRO + MOST_EXTRA_MACROS)
    return (MACRO_SLOT + id - TAIL_MACRO) * SLOT_WORDS;
  if (id >= TAIL_FIELD && id < TAIL_FIELD + MOST_EXTRA_MACROS)
    return (FIELD_SLOT + id - TAIL_FIELD) * SLOT_WORDS;
  const nth = id - TAIL_PATH;
  return nth >= 0 && nth < MAX_PARAMS ? (PATH_SLOT + nth) * SLOT_WORDS : -1;
}
