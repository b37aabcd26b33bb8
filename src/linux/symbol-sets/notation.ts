/**
 * Words in which the tables of symbol sets are written.
 *
 * A set is choices (one value of those under a mask) and flags (any bits); names come from headers. A flag
 * of several bits stands before the flags it is made of.
 */
import { listConstantsOf } from "../constants.ts";

export interface SymbolSet {
  /** One of these is the value of the bits under `mask`; absent mask: of the whole number. */
  readonly choices?: readonly string[];
  readonly mask?: bigint;
  readonly flags?: readonly string[];
  /** Flags of the form `FLAG|SIGCHLD`: the choice stands last. */
  readonly choiceLast?: boolean;
  /** A number without a name is shown in decimal, like a descriptor; absent: in hex, as what it is a part of. */
  readonly isNumber?: true;
  /** Bits that are a mode, shown last in octal. */
  readonly octal?: bigint;
  /** Bits that are a number of their own: `21<<MAP_HUGE_SHIFT`. */
  readonly shifted?: { readonly mask: bigint; readonly by: bigint; readonly name: string };
}

/** Sets by meaning, made when a value is printed for the first time. */
export type SymbolSets = Readonly<Record<string, () => SymbolSet>>;

export const words = (text: string): readonly string[] => text.split(/\s+/);
export const choice = (text: string): SymbolSet => ({ choices: words(text) });
export const flags = (text: string): SymbolSet => ({ flags: words(text) });
export const named = (header: string, pattern: RegExp): readonly string[] =>
  listConstantsOf(header).filter((name) => pattern.test(name));
export const choiceOf = (header: string, pattern: RegExp): SymbolSet => ({
  choices: named(header, pattern),
});
export const flagsOf = (header: string, pattern: RegExp): SymbolSet => ({
  flags: named(header, pattern),
});
/** log2 of the size of a huge page, as the uppermost bits. */
export const hugePage = (name: string): Pick<SymbolSet, "shifted"> => ({
  shifted: { mask: 0xfc000000n, by: 26n, name },
});
