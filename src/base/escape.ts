/**
 * Rule text and messages quote what strangers wrote. Everything that could move a cursor, forge a line or
 * reorder text on a terminal is shown as an escape.
 */
import { INVISIBLE } from "./invisible.ts";

const SHORT: ReadonlyMap<string, string> = new Map([
  ["\n", "\\n"],
  ["\r", "\\r"],
  ["\t", "\\t"],
]);
/** What nearly every text is made of. */
const NOT_PLAIN = /[^\x20-\x7e]/;

function escapeOne(character: string): string {
  const short = SHORT.get(character);
  if (short) return short;
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x100) return `\\x${code.toString(16).padStart(2, "0")}`;
  return `\\u{${code.toString(16)}}`;
}

/** Text that is safe to show on a terminal: one line, no control or formatting characters. */
export function escapeControls(text: string): string {
  return NOT_PLAIN.test(text) ? text.replace(INVISIBLE, escapeOne) : text;
}

/** JSON text of the same value, whose strings are safe to show; it reads the same. */
export function escapeJson(json: string): string {
  return NOT_PLAIN.test(json) ? json.replace(INVISIBLE, escapeUnits) : json;
}

/** `JSON.stringify` for output: one line that is safe to show. */
export function toJson(value: unknown): string {
  return escapeJson(JSON.stringify(value));
}

function escapeUnits(character: string): string {
  const units = Array.from({ length: character.length }, (_, i) => character.charCodeAt(i));
  return units.map((unit) => `\\u${unit.toString(16).padStart(4, "0")}`).join("");
}
