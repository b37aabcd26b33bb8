/** Calls as their prototypes have them: what parameters mean says how they are printed. */
import type { Param } from "../linux/index.ts";
import { input, type Piece } from "./piece.ts";
import { filled, sized } from "./value/buffer.ts";
import { showOfType } from "./value/meaning.ts";
import { showAddress } from "./value/number.ts";
import { showPath, showString } from "./value/text.ts";

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
      return input(showOfType(type));
    default:
      return input(showAddress);
  }
}
