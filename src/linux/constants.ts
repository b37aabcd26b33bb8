/** Named constants of the headers and their values; error numbers both ways. */
import { errorTexts } from "./flags/errors.generated.ts";
import { headers } from "./flags/headers.generated.ts";
import { printedHeaders } from "./flags/printed.generated.ts";

/** What the kernel answers to itself; seen by tracers when a call is interrupted or unknown to a driver. */
const internalErrors: readonly (readonly [string, number])[] = [
  ["ERESTARTSYS", 512],
  ["ERESTARTNOINTR", 513],
  ["ERESTARTNOHAND", 514],
  ["ENOIOCTLCMD", 515],
  ["ERESTART_RESTARTBLOCK", 516],
  ["EPROBE_DEFER", 517],
  ["EOPENSTALE", 518],
  ["ENOPARAM", 519],
  ["ENOTSUPP", 524],
];

interface Errors {
  readonly byName: ReadonlyMap<string, number>;
  readonly byNumber: ReadonlyMap<number, string>;
}
let errors: Errors | undefined;

/** Value of a constant. A search in 70 kB: cheaper than an index, for as many as a rule file names. */
export function findConstant(name: string): bigint | undefined {
  return findIn(headers, name);
}

/** Beside those that rules can name, those that only texts of calls have: commands of drivers, members of structs. */
export function findPrintedConstant(name: string): bigint | undefined {
  return findIn(headers, name) ?? findIn(printedHeaders, name);
}

function findIn(text: string, name: string): bigint | undefined {
  if (!/^\w+$/.test(name)) return undefined;
  const at = text.indexOf(`\n${name} `);
  if (at < 0) return undefined;
  const start = at + name.length + 2;
  return readInteger(text.slice(start, text.indexOf("\n", start)));
}

/** Names of a header that are only printed. */
export function listPrintedConstantsOf(header: string): readonly string[] {
  return listIn(printedHeaders, header);
}

/** All names, by header. */
export function* listConstantNames(): Iterable<string> {
  for (const match of headers.matchAll(/^(\w+) /gm)) yield match[1] ?? "";
}

/** Names that are taken from a header (`linux/fcntl.h`), in its order; a name counts for the first header that has it. */
export function listConstantsOf(header: string): readonly string[] {
  return listIn(headers, header);
}

function listIn(text: string, header: string): readonly string[] {
  const start = text.indexOf(`\n[${header}]\n`);
  if (start < 0) return [];
  const end = text.indexOf("\n[", start + 1);
  const section = text.slice(start, end < 0 ? undefined : end);
  return [...section.matchAll(/^(\w+) /gm)].map((match) => match[1] ?? "");
}

/** Number of an error name. */
export function errnoOf(name: string): number | undefined {
  return readErrors().byName.get(name);
}

/** Name of an error number; of two names for one number the first that the header has. */
export function errnoNameOf(number: number): string | undefined {
  return readErrors().byNumber.get(number);
}

/** What strerror(3) says of it: `No such file or directory`; undefined: nothing. */
export function errnoText(number: number): string | undefined {
  const start = errorTexts.indexOf(`\n${number} `);
  if (start < 0) return undefined;
  const text = errorTexts.slice(start + 1, errorTexts.indexOf("\n", start + 1));
  return text.slice(text.indexOf(" ") + 1);
}

function readErrors(): Errors {
  if (errors !== undefined) return errors;
  const byName = new Map(internalErrors);
  for (const name of listConstantsOf("asm/errno.h")) byName.set(name, Number(findConstant(name)));
  const byNumber = new Map<number, string>();
  for (const [name, number] of byName) if (!byNumber.has(number)) byNumber.set(number, name);
  errors = { byName, byNumber };
  return errors;
}

function readInteger(text: string): bigint {
  return text.startsWith("-") ? -BigInt(text.slice(1)) : BigInt(text);
}
