/** Calls as their prototypes have them: what parameters mean says how they are printed. */
import { type Param, symbolSet } from "../linux/index.ts";
import { input, type Piece, type Show } from "./piece.ts";
import { filled, sized } from "./value/buffer.ts";
import { showDirfd, showFd } from "./value/descriptor.ts";
import {
  showAddress,
  showHex,
  showInt,
  showMode,
  showS64,
  showU64,
  showUint,
} from "./value/number.ts";
import { showSymbols } from "./value/symbol.ts";
import { showPath, showString } from "./value/text.ts";

/** What stands behind a number that a table has no name for. */
const unknowns: ReadonlyMap<string, string> = new Map([["open_flags", "O_???"]]);

const meanings: ReadonlyMap<string, Show> = new Map([
  ["fd", showFd],
  ["dirfd", showDirfd],
  ["mode", showMode],
  ["hex", showHex],
  ["address", showAddress],
]);

export function genericPiece({ type }: Param): Piece {
  switch (type.kind) {
    case "path":
      return input(showPath);
    case "string":
      return input(showString);
    case "buffer": {
      const register = (type.lengthParam ?? 1) - 1;
      return type.isFilled ? filled : sized(register);
    }
    case "int":
      return input(showOfMeaning(type.semantic) ?? showOfWidth(type.size, type.signed));
    default:
      return input(showAddress);
  }
}

function showOfMeaning(meaning: string | undefined): Show | undefined {
  if (meaning === undefined) return undefined;
  const known = meanings.get(meaning);
  if (known !== undefined) return known;
  if (symbolSet(meaning) === undefined) return undefined;
  return showSymbols(meaning, unknowns.get(meaning) ?? "");
}

function showOfWidth(size: 1 | 2 | 4 | 8, signed: boolean): Show {
  if (size === 8) return signed ? showS64 : showU64;
  return signed ? showInt : showUint;
}
