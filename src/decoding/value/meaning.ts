/** How numbers are printed, by the word for what they mean: words of src/linux, and a few that are of printing alone. */
import type { ParamType } from "../../language/vocabulary.ts";
import { symbolSet } from "../../linux/index.ts";
import type { Show } from "../piece.ts";
import { showDirfd, showFd } from "./descriptor.ts";
import { showDevice, showFileMode } from "./file-mode.ts";
import {
  formatHex,
  showAddress,
  showHex,
  showId,
  showInt,
  showMode,
  showS64,
  showU64,
  showUint,
} from "./number.ts";
import { showSignal } from "./signal.ts";
import { showSymbols } from "./symbol.ts";
import { unmatchedNames } from "./unknown.ts";

const words: ReadonlyMap<string, Show> = new Map([
  ["fd", showFd],
  ["dirfd", showDirfd],
  ["mode", showMode],
  ["umode", showMode],
  ["file_mode", showFileMode],
  ["device", showDevice],
  ["hex", showHex],
  ["hex64", (_, value) => formatHex(BigInt.asUintN(64, value))],
  ["address", showAddress],
  ["signal", showSignal],
  ["uid", showId],
  ["gid", showId],
  ["pid", showInt],
  ["int", showInt],
  ["uint", showUint],
  ["s64", showS64],
  ["u64", showU64],
]);
const made = new Map<string, Show>();

/** Throws where nothing has that name. */
export function showOfWord(word: string): Show {
  const show = findShow(word, 32);
  if (show === undefined) throw new Error(`nothing prints ${word}`);
  return show;
}

/** What the type of a parameter or member says; a plain number at least. */
export function showOfType({ semantic, size, signed, kind }: ParamType): Show {
  if (kind === "pointer") return showAddress;
  const known = semantic === undefined ? undefined : findShow(semantic, size === 8 ? 64 : 32);
  if (known !== undefined) return known;
  if (size === 8) return signed ? showS64 : showU64;
  return signed ? showInt : showUint;
}

function findShow(word: string, bits: 32 | 64): Show | undefined {
  const own = words.get(word);
  if (own !== undefined) return own;
  const key = `${word}/${bits}`;
  const known = made.get(key);
  if (known !== undefined) return known;
  if (symbolSet(word) === undefined) return undefined;
  const show = showSymbols(word, unmatchedNames.get(word) ?? "", { bits });
  made.set(key, show);
  return show;
}
