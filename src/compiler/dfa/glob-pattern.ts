/** Globs as byte patterns; what each piece means is said in src/language/strings/glob.ts. */
import type { GlobNode } from "../../language/index.ts";
import { ANYTHING, byteSet, literal, type Pattern } from "./pattern.ts";

const SLASH = 0x2f;
const NOT_SLASH: Pattern = { kind: "set", set: byteSet((byte) => byte !== SLASH) };

export function globPattern(node: GlobNode): Pattern {
  switch (node.kind) {
    case "sequence":
      return { kind: "sequence", items: node.items.map(globPattern) };
    case "alternatives":
      return { kind: "choice", items: node.items.map(globPattern) };
    case "literal":
      return literal(node.bytes);
    case "any":
      return NOT_SLASH;
    case "star":
      return { kind: "star", item: NOT_SLASH };
    case "globstar":
      return ANYTHING;
    case "class": {
      const inside = (byte: number): boolean =>
        node.ranges.some(([low, high]) => byte >= low && byte <= high);
      return {
        kind: "set",
        set: byteSet((byte) => byte !== SLASH && inside(byte) !== node.negated),
      };
    }
  }
}
