import { bare } from "./bare.ts";
import type { Contender } from "./contender.ts";
import { bpftrace, perfTrace, straceAll, straceSeccomp } from "./launchers.ts";
import { sctJson, sctText } from "./sct.ts";

export type { Contender, Run, Watch } from "./contender.ts";
export { bare, bpftrace, perfTrace, sctJson, sctText, straceAll, straceSeccomp };

export const contenders: readonly Contender[] = [
  bare,
  sctText,
  sctJson,
  straceAll,
  straceSeccomp,
  bpftrace,
  perfTrace,
];
