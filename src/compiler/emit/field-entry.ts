/** Tail entries of members of structs that the line of a rule shows: bytes, which the reader makes text of. */
import { R0, R1, R2, R3, R10 } from "../../bpf/asm/index.ts";
import { TAIL_ENTRY_HEADER_SIZE, TailStatus } from "../../events/layout.ts";
import type { Presentation } from "../../language/vocabulary.ts";
import { VALUE_ENTRY_SIZE } from "../layout/area.ts";
import type { FieldMacro } from "../plan/struct-field.ts";
import type { Context } from "./context.ts";
import { ADDRESS_SLOTS, emitNetworkAddress } from "./networks.ts";
import type { EntryAddress } from "./place.ts";
import { emitField } from "./struct-field.ts";

interface FieldEntry {
  /** Address of the entry; may use r5. */
  readonly place: () => EntryAddress;
  /** Stack slot of the end of the record. */
  readonly end: number;
  /** Where to go instead (nothing done yet) when the member is not in memory yet. */
  readonly defer: string | undefined;
}

/** Appends a number or an address. */
export function emitFieldEntry(
  c: Context,
  p: Presentation,
  macro: FieldMacro,
  entry: FieldEntry,
): void {
  const { a } = c;
  const missing = a.newLabel("field_missing");
  const isNull = a.newLabel("field_unreadable");
  const done = a.newLabel("field_read");
  const unreadable = entry.defer ?? isNull;
  const write = (status: number, length: number, writeBytes: (at: EntryAddress) => void): void => {
    const at = entry.place();
    a.loadImm(R2, BigInt(macro.id) | (BigInt(status) << 16n) | (BigInt(length) << 32n));
    a.store("u64", at.base, at.offset, R2);
    writeBytes({ base: at.base, offset: at.offset + TAIL_ENTRY_HEADER_SIZE });
    const size = TAIL_ENTRY_HEADER_SIZE + Math.ceil(length / 8) * 8;
    a.load("u64", R1, R10, entry.end).add(R1, size).store("u64", R10, entry.end, R1).goto(done);
  };
  const writeNone = (status: number): void => write(status, 0, () => {});
  if (macro.kind === "number") {
    emitField(c, p, macro, { missing, unreadable, isNull });
    write(TailStatus.ok, VALUE_ENTRY_SIZE - TAIL_ENTRY_HEADER_SIZE, ({ base, offset }) =>
      a.store("u64", base, offset, R0),
    );
  } else
    c.stack.with(ADDRESS_SLOTS, (slot) => {
      const [v4, v6] = [a.newLabel("field_ipv4"), a.newLabel("field_ipv6")];
      emitNetworkAddress(c, p, macro, slot, { missing, unreadable, isNull, v4, v6 });
      a.label(v4);
      write(TailStatus.ok, 4, ({ base, offset }) => a.store("u64", base, offset, R1));
      a.label(v6);
      write(TailStatus.ok, 16, ({ base, offset }) => {
        for (const half of [0, 8])
          a.load("u64", R3, R10, slot + half).store("u64", base, offset + half, R3);
      });
    });
  a.label(missing);
  writeNone(TailStatus.null);
  a.label(isNull);
  writeNone(TailStatus.unreadable);
  a.label(done);
}
