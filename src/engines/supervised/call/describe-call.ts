/** A call in a few words, for prompts and notes: `unlinkat(0xffffffffffffff9c, "./dummy", 0x0)`. */
import { quoted } from "../../../events/index.ts";
import { vocabulary } from "../../../linux/index.ts";
import type { TracedCall } from "./traced-call.ts";

const LONGEST_TEXT = 200;

export function describeCall(call: TracedCall): string {
  const exact = vocabulary
    .presentations(call.name, "exact")
    ?.find(({ abi, nr }) => abi === call.abi && nr === call.nr);
  const params = exact?.params ?? [];
  const shown = params.map(({ type }, i) => {
    const value = call.args[i] ?? 0n;
    const isText = type.kind === "path" || type.kind === "string";
    const text = isText && value !== 0n ? call.readString(value) : undefined;
    if (text !== undefined) return quoted(text.bytes, LONGEST_TEXT);
    if (type.kind !== "int") return `0x${value.toString(16)}`;
    const bits = type.size * 8;
    return String(type.signed ? BigInt.asIntN(bits, value) : BigInt.asUintN(bits, value));
  });
  return `${call.name}(${shown.join(", ")})`;
}
