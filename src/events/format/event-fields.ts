/** What the JSON line and the event object share, so that the two cannot disagree. */
import type { EventFlag } from "../event.ts";
import { RecordFlag, RecordOffset } from "../layout.ts";

export const EVENT_FLAGS: readonly (readonly [bit: number, name: EventFlag])[] = [
  [RecordFlag.unreadable, "unreadable"],
  [RecordFlag.truncated, "truncated"],
  [RecordFlag.late, "late"],
  [RecordFlag.throttled, "throttled"],
  [RecordFlag.callSkipped, "call-skipped"],
  [RecordFlag.callDone, "call-done"],
  [RecordFlag.cmdlineTruncated, "cmdline-truncated"],
];

/** Ids of the caller in the order of the JSON line. */
export const EVENT_IDS = [
  ["pid", RecordOffset.pid],
  ["tid", RecordOffset.tid],
  ["ppid", RecordOffset.ppid],
  ["uid", RecordOffset.uid],
  ["euid", RecordOffset.euid],
  ["suid", RecordOffset.suid],
  ["gid", RecordOffset.gid],
  ["egid", RecordOffset.egid],
  ["sgid", RecordOffset.sgid],
] as const;
