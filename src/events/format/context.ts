/** What formatters are given besides the record: the clock, the generation, and names that live outside of it. */
import type { Abi } from "../../language/vocabulary.ts";
import type { Dependence } from "../../linux/index.ts";
import type { TextBuffer } from "../text-buffer.ts";
import type { WallClock } from "../wall-clock.ts";

export interface EventNames {
  /** Name of errno 1..4095, e.g. `ENOENT`. */
  errnoName(errno: number): string | undefined;
  /** The registers that the call reads, 0..6, and whether it reads the lower half of a 64-bit one as a signed number. */
  registers(call: string, abi: Abi): readonly ("word" | "int")[];
  /** Login name of a user id. */
  userName(uid: number): string | undefined;
  /**
   * The number (two words, extended by the sign that it is said to have) as strace shows it; false: it has no such form.
   */
  writeSymbolic(
    out: TextBuffer,
    semantic: string,
    low: number,
    high: number,
    isSigned: boolean,
  ): boolean;
  /** Where the meaning follows from another parameter: which one decides, and how. */
  dependence(semantic: string): Dependence | undefined;
}

export interface FormatContext {
  readonly clock: WallClock;
  readonly names: EventNames;
  /** Counts the rule sets that were loaded since the engine was opened. */
  readonly generation: number;
  /** Number of the first site; rule sets that share a ring each have a range of their own. Default 0. */
  readonly firstSite?: number;
}
