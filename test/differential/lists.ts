/** ARGV and ENVP of a call as the language means them, from the memory of the test. */
import type { Presentation, StringRead } from "../../src/language/index.ts";
import { vocabulary } from "../../src/linux/index.ts";
import type { Arena } from "./arena.ts";

/** Longest text in bytes that programs read. */
const MAX_STRING = 4096;

type Text = StringRead | null | undefined;

interface Listed extends StringRead {
  readonly address: bigint;
}

/**
 * Strings of the nth list from the `skip`th on, as long as more are wanted. Null: there is no list; undefined: what is wanted
 * cannot be read.
 */
function strings(
  { params, abi }: Presentation,
  args: readonly bigint[],
  arena: Arena,
  {
    nth,
    skip = 0,
    isPointerEnough = false,
    isWanted,
  }: {
    readonly nth: 0 | 1;
    readonly skip?: number;
    readonly isPointerEnough?: boolean;
    isWanted(found: readonly Listed[]): boolean;
  },
): readonly Listed[] | null | undefined {
  const source = params.filter(({ type }) => type.kind === "strings")[nth]?.source;
  const size = vocabulary.wordSize(abi);
  let at = source?.kind === "arg" ? (args[source.index] ?? 0n) : 0n;
  if (at === 0n) return null;
  const found: Listed[] = [];
  for (let i = 0; isWanted(found); i++, at += BigInt(size)) {
    const word = arena.read(at, size);
    if (word === undefined) return undefined;
    const address = word.reduceRight((sum, byte) => sum * 256n + BigInt(byte), 0n);
    if (address === 0n) break;
    if (i < skip) continue;
    const text = arena.readString(address);
    // the pointer alone says that there is more
    if (text === undefined && !isPointerEnough) return undefined;
    found.push({ ...(text ?? NOTHING), address });
  }
  return found;
}

export function argv(
  presentation: Presentation,
  args: readonly bigint[],
  arena: Arena,
  index: number | undefined,
): Text {
  if (index !== undefined) {
    const one = strings(presentation, args, arena, { nth: 0, skip: index, isWanted: isFirst });
    return one && (one[0] ?? null);
  }
  const size = (found: readonly Listed[]): number =>
    found.reduce((sum, { bytes, truncated }) => sum + bytes.length + (truncated ? 2 : 1), 0);
  // what comes behind a full text counts as there, and no more
  const isWanted = (found: readonly Listed[]): boolean => size(found) <= MAX_STRING;
  const all = strings(presentation, args, arena, { nth: 0, isWanted });
  if (!all) return all;
  const joined = Buffer.concat(all.flatMap(({ bytes }, i) => (i === 0 ? [bytes] : [SPACE, bytes])));
  if (size(all) <= MAX_STRING) return { bytes: joined, truncated: false };
  // full: programs look whether there is another one
  const next = strings(presentation, args, arena, {
    ...{ nth: 0, skip: all.length, isWanted: isFirst },
    isPointerEnough: true,
  });
  if (next === undefined) return undefined;
  const isCut = size(all) > MAX_STRING + 1 || (next?.length ?? 0) > 0;
  return { bytes: joined.subarray(0, MAX_STRING), truncated: isCut };
}

function isFirst({ length }: readonly Listed[]): boolean {
  return length === 0;
}

export function envp(
  presentation: Presentation,
  args: readonly bigint[],
  arena: Arena,
  name: string,
): Text {
  const prefix = Buffer.from(`${name}=`);
  const isIt = ({ bytes }: Listed): boolean => prefix.equals(bytes.subarray(0, prefix.length));
  const isWanted = (found: readonly Listed[]): boolean => !found.some(isIt);
  const found = strings(presentation, args, arena, { nth: 1, isWanted });
  if (!found) return found;
  const it = found.find(isIt);
  return it === undefined ? null : arena.readString(it.address + BigInt(prefix.length));
}

const SPACE = Buffer.from(" ");
const NOTHING: StringRead = { bytes: new Uint8Array(), truncated: false };
