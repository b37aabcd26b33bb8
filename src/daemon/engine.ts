/** The engine as the service uses it: what resident.ts keeps, no more. Tests put a part of it in its place. */
import type { ResidentEngine } from "../engines/kernel/index.ts";
import type { Note } from "../store/index.ts";

export type ServiceEngine = Kept & { readonly note: Note };

type Kept = Pick<
  ResidentEngine,
  | "ringId"
  | "ring"
  | "generations"
  | "current"
  | "hasUnknownRules"
  | "unfinished"
  | "unpinned"
  | "outdated"
  | "describeAgain"
  | "leftUnread"
  | "retireOthers"
  | "loading"
  | "deadlineMs"
  | "abortLoading"
  | "replace"
  | "counters"
  | "counts"
  | "close"
  | "unload"
>;
