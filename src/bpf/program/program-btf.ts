/**
 * Type information for one program: a FUNC for each of its functions (demanded for callbacks, since 5.13) and the
 * rule text of its instructions, which the verifier then quotes in its log.
 *
 *   struct bpf_func_info  | insn_off | type_id |
 *   struct bpf_line_info  | insn_off | file_name_off | line_off | line << 10 | column |
 */
import type { Span } from "../../base/span.ts";
import type { Assembled } from "../asm/index.ts";
import { BtfWriter } from "../btf/writer.ts";
import type { InfoRecords } from "../command/prog-commands.ts";

export interface ProgramBtf {
  readonly bytes: Uint8Array;
  readonly functions: InfoRecords;
  readonly lines: InfoRecords;
}

const MAX_COLUMN = 0x3ff;
const MAX_LINE = 0x3fffff;

/** `undefined` when the program needs none: one function and no rule text. */
export function writeProgramBtf(code: Assembled): ProgramBtf | undefined {
  const hasText = code.spans.some(({ span }) => span !== undefined);
  if (code.functions.length < 2 && !hasText) return undefined;
  const btf = new BtfWriter();
  const int = btf.int("int", 4, { isSigned: true });
  // no parameters: the verifier checks what callers pass, and comments on types that it does not know
  const proto = btf.functionProto(int, []);
  const functions = code.functions.flatMap(({ label, insnOffset }, n) => [
    insnOffset,
    // static: the verifier checks them along their callers, and callbacks may not be anything else
    btf.function(identifier(label), proto, n === 0 ? "global" : "static"),
  ]);
  const lines = hasText ? lineRecords(code, btf) : [];
  return { bytes: btf.finish(), functions: records(functions, 2), lines: records(lines, 4) };
}

/** One record where the text changes and, as the kernel demands, one where each function starts. */
function lineRecords(code: Assembled, btf: BtfWriter): number[] {
  const notes = new Map<number, Span | undefined>(
    code.functions.map((f) => [f.insnOffset, undefined]),
  );
  for (const { insnOffset } of code.functions) notes.set(insnOffset, spanAt(code, insnOffset));
  for (const { insnOffset, span } of code.spans) notes.set(insnOffset, span);
  const slots = code.insns.length / 8;
  return [...notes]
    .filter(([insnOffset]) => insnOffset < slots)
    .sort(([a], [b]) => a - b)
    .flatMap(([insnOffset, span]) => [insnOffset, ...lineOf(span, btf)]);
}

function lineOf(span: Span | undefined, btf: BtfWriter): [number, number, number] {
  if (span === undefined) return [btf.string("generated"), btf.string(""), 0];
  const { text, name } = span.file;
  const start = text.lastIndexOf("\n", span.start - 1) + 1;
  const end = text.indexOf("\n", start);
  const line = text
    .slice(start, end < 0 ? undefined : end)
    .replaceAll("\0", " ")
    .trim();
  const number = Math.min(text.slice(0, start).split("\n").length, MAX_LINE);
  const column = Math.min(span.start - start + 1, MAX_COLUMN);
  return [btf.string(name.replaceAll("\0", " ")), btf.string(line), (number << 10) | column];
}

/** The rule text that the instruction in this slot comes from. */
export function spanAt(code: Assembled, insnOffset: number): Span | undefined {
  let found: Span | undefined;
  for (const note of code.spans) {
    if (note.insnOffset > insnOffset) break;
    found = note.span;
  }
  return found;
}

function records(words: readonly number[], each: number): InfoRecords {
  const bytes = new Uint8Array(words.length * 4);
  const view = new DataView(bytes.buffer);
  words.forEach((word, n) => {
    view.setUint32(n * 4, word, true);
  });
  return { recordSize: each * 4, count: words.length / each, bytes };
}

/** BTF names of functions must be C identifiers. */
function identifier(label: string): string {
  const name = label.replaceAll(/[^A-Za-z0-9_]/g, "_");
  return /^[A-Za-z_]/.test(name) ? name : `_${name}`;
}
