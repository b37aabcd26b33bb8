import type { Presentation } from "../../language/vocabulary.ts";
import { hooksOf } from "../../linux/index.ts";

/** Multiplexed calls (socketcall, ipc) reach the hooks of what they stand for. */
export function reachingCall({ as, call }: Presentation): string {
  return hooksOf(call).length === 0 ? as : call;
}
