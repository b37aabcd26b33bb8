/**
 * Rule text and messages quote what strangers wrote. Everything that could move a cursor, forge a line or
 * reorder text on a terminal is shown as an escape.
 */
// C0, DEL, C1, line and paragraph separators, bidirectional and invisible formatting, lone surrogates.
const UNSAFE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

const SHORT: ReadonlyMap<string, string> = new Map([
  ["\n", "\\n"],
  ["\r", "\\r"],
  ["\t", "\\t"],
]);

function escapeOne(character: string): string {
  const short = SHORT.get(character);
  if (short) return short;
  const code = character.charCodeAt(0);
  if (code < 0x100) return `\\x${code.toString(16).padStart(2, "0")}`;
  return `\\u{${code.toString(16)}}`;
}

/** Text that is safe to show on a terminal: one line, no control or formatting characters. */
export function escapeControls(text: string): string {
  return text.replace(UNSAFE, escapeOne);
}
