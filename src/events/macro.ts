/** Macros of formats, and what the text of one is. */
import type { FormatPiece } from "../language/checked/index.ts";

export type Macro = Extract<FormatPiece, { kind: "macro" }>;

/** Text of a value with its TailStatus. */
export interface MacroText {
  readonly status: number;
  readonly bytes: Uint8Array;
}

/** A rule can have no more macros whose value is in the tail of its records (extra-macros.ts). */
export const MOST_EXTRA_MACROS = 16;
