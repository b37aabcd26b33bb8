/** Texts of a tail entry that has a NUL behind each: arguments of a process. */
import { TailStatus } from "./layout.ts";
import type { RecordReader } from "./record-reader.ts";

/**
 * Where each begins and ends in the record's memory. Two or more empty ones at the end are what a process leaves that
 * writes a title over its arguments, and are left out. The last one is cut where the entry is.
 */
export function listTexts(record: RecordReader, slot: number): [start: number, end: number][] {
  const start = record.objectStart(slot);
  let end = record.objectEnd(slot);
  const { memory } = record;
  if (record.objectStatus(slot) === TailStatus.ok) {
    let zeros = 0;
    while (end - zeros > start && memory[end - zeros - 1] === 0) zeros++;
    if (zeros > 2) end -= zeros - 1;
  }
  const texts: [number, number][] = [];
  for (let at = start; at < end; ) {
    const nul = memory.indexOf(0, at);
    const stop = nul < 0 || nul > end ? end : nul;
    texts.push([at, stop]);
    at = stop + 1;
  }
  return texts;
}
