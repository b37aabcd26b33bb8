/** What events are counted and grouped by. */
import { decodeText, type RecordReader, type Site } from "../events/index.ts";
import { RecordOffset, TailStatus } from "../events/layout.ts";

/** As it is shown and as JSON has it; null: the event has none, or it could not be read. */
export type FieldValue = string | number | null;

type Field = (record: RecordReader, site: Site) => FieldValue;

export const FIELDS: ReadonlyMap<string, Field> = new Map<string, Field>([
  ["rule", (_, { rule }) => rule.name],
  ["syscall", (_, { presentation }) => presentation.call],
  ["uid", (record) => (record.isKnown(RecordOffset.uid) ? record.u32(RecordOffset.uid) : null)],
  [
    "comm",
    (record) =>
      decodeText(
        record.memory,
        record.nameStart(RecordOffset.comm),
        record.nameEnd(RecordOffset.comm),
      ),
  ],
  ["exe", (record) => objectOf(record, record.objectSlot("exe"))],
  ["path", pathOf],
]);

/** Whether values are text that callers choose, which is shown in quotes as lines show it. */
export function isStrangersText(field: string): boolean {
  return field === "comm" || field === "exe" || field === "path";
}

/** The file that the kernel resolved first, or else the first name that the call gave. */
function pathOf(record: RecordReader, { presentation }: Site): FieldValue {
  const resolved = objectOf(record, record.objectSlot("path"));
  if (resolved !== null) return resolved;
  for (const [i, { type }] of presentation.params.entries())
    if (type.kind === "path" && isText(record.textStatus(i + 1)))
      return decodeText(record.memory, record.textStart(i + 1), record.textEnd(i + 1));
  return null;
}

function objectOf(record: RecordReader, slot: number): FieldValue {
  if (!isText(record.objectStatus(slot))) return null;
  return decodeText(record.memory, record.objectStart(slot), record.objectEnd(slot));
}

function isText(status: number): boolean {
  return status === TailStatus.ok || status === TailStatus.truncated;
}
