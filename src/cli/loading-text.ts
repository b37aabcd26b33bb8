/** How far the loading of rules is, in words. */
import type { LoadingStatus } from "../daemon/index.ts";
import type { LoadProgress } from "../engines/kernel/index.ts";
import { plural } from "./plural.ts";

/** Undefined: its thread has not begun. */
type Progress = Pick<LoadProgress | LoadingStatus, "stage" | "done" | "total"> | undefined;

export function loadingText(rules: number, progress: Progress): string {
  const head = `loading ${plural(rules, "rule")}`;
  const { stage, done, total } = progress ?? { stage: "starting", done: 0, total: 0 };
  const program = `program ${Math.min(done + 1, total)} of ${total}`;
  switch (stage) {
    case "starting":
      return head;
    case "compiling":
      return `${head}: compiling`;
    case "verifying":
      return `${head}: the kernel verifies ${program}`;
    case "attaching":
      return `${head}: attaching ${program}`;
  }
}
