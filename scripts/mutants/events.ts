/** Important lines on the way of an event: the record, the ring. */
import { type MutatedRoom, mutants } from "./mutant.ts";

export const events: MutatedRoom = {
  name: "events",
  tests: ["src/events/**/*.test.ts"],
  mutants: mutants([
    [
      "events/record-reader",
      "if (offset < 0 || length < RECORD_HEADER_SIZE || offset + length > memory.length) {",
      "if (offset < 0 || length < RECORD_HEADER_SIZE) {",
    ],
    ["events/record-reader", "at = start + Math.ceil(size / 8) * 8;", "at = start + size;"],
    ["events/record-reader", "if (size > end - start || isShort) {", "if (isShort) {"],
    [
      "events/record-reader",
      "return (this.u32(RecordOffset.flags) | this.#tailFlags) >>> 0;",
      "return this.u32(RecordOffset.flags);",
    ],
    ["events/loss", "this.#lostCount += seq - this.#next;", "this.#lostCount++;"],
  ]),
};
