/** Options that strace does not have. */
import { table } from "../../base/table.ts";
import type { LongOption } from "./option-table.ts";

export const OWN_OPTIONS = table<LongOption>({
  "print-rules": { as: "print-rules", value: "none" },
});
