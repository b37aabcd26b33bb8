/** Command lines as they were given: Node makes U+FFFD of what is not UTF-8, and file names are bytes. */
import { readFileSync } from "node:fs";
import { decodeText } from "../events/index.ts";

/** Arguments of this process with U+DC00 + byte, as in JSON of events, for each byte that is not UTF-8. */
export function exactArguments(argv: readonly string[]): readonly string[] {
  const bytes = readCommandLine();
  const starts = [0];
  for (let end = bytes.indexOf(0); end >= 0; end = bytes.indexOf(0, end + 1)) starts.push(end + 1);
  const exact = argv.map((argument, i) => {
    const [start, next] = starts.slice(i - argv.length - 1);
    return start === undefined || next === undefined
      ? argument
      : decodeText(bytes, start, next - 1);
  });
  // of another process's, in tests
  const isSame = exact.every(
    (argument, i) => withoutBytes(argument) === argv[i]?.replaceAll("\ufffd", ""),
  );
  return isSame ? exact : argv;
}

function withoutBytes(text: string): string {
  return text.replaceAll(/[\udc80-\udcff\ufffd]/gu, "");
}

function readCommandLine(): Uint8Array {
  try {
    return readFileSync("/proc/self/cmdline");
  } catch {
    return new Uint8Array(0);
  }
}

/**
 * What may be meant by a name on a command line: itself, and what it is in JSON of events, where a byte is U+DC00 +
 * byte. A shell writes that (`$'\udcff'`) as the three bytes that it would be in UTF-8.
 */
export function namesMeant(text: string): readonly string[] {
  const meant = text.replaceAll(/\udced([\udcb2\udcb3])([\udc80-\udcbf])/g, (_, high, low) =>
    String.fromCharCode(
      0xdc00 | ((high.charCodeAt(0) & 1) << 6) | 0x80 | (low.charCodeAt(0) & 0x3f),
    ),
  );
  return meant === text ? [text] : [text, meant];
}
