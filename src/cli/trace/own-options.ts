/** Options that strace does not have. */
import type { LongOption } from "./option-table.ts";

export const OWN_OPTIONS: Readonly<Record<string, LongOption>> = {
  "print-rules": { as: "print-rules", value: "none" },
};
