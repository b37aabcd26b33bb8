/** Command lines as they were given: Node makes U+FFFD of what is not UTF-8, and file names are bytes. */
import { lastArguments } from "../engines/supervised/index.ts";
import { decodeText } from "../events/index.ts";

/** Arguments of this process with U+DC00 + byte, as in JSON of events, for each byte that is not UTF-8. */
export function exactArguments(argv: readonly string[]): readonly string[] {
  const exact = commandLine(argv.length).map((bytes) => decodeText(bytes, 0, bytes.length));
  // arguments that were passed by hand are not those of this process
  const isSame = argv.every(
    (argument, i) => withoutBytes(exact[i] ?? "") === argument.replaceAll("\ufffd", ""),
  );
  return isSame ? exact : argv;
}

function withoutBytes(text: string): string {
  return text.replaceAll(/[\udc80-\udcff\ufffd]/gu, "");
}

function commandLine(count: number): readonly Uint8Array[] {
  try {
    return lastArguments(count);
  } catch {
    // a system without /proc
    return [];
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
