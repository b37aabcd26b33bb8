/** Command lines, by the rules of getopt_long: `-f FILE`, `-fFILE`, `--file FILE`, `--file=FILE`, `--` ends options. */
import { parseArgs } from "node:util";
import { nearest } from "../language/suggest.ts";
import type { CliCommand, CommandArguments } from "./command.ts";
import { UsageError } from "./errors.ts";

export function parseArguments(argv: readonly string[], command: CliCommand): CommandArguments {
  const options = Object.fromEntries(
    command.options.map(({ name, short, value }) => [
      name,
      {
        type: value === undefined ? ("boolean" as const) : ("string" as const),
        multiple: true as const,
        ...(short === undefined ? {} : { short }),
      },
    ]),
  );
  const { values: given, positionals, tokens } = parse(argv, options);
  const values = new Map(Object.entries(given));
  const all = (option: string): readonly string[] =>
    ((values.get(option) as readonly (string | boolean)[] | undefined) ?? []).map(String);
  return {
    has: (option) => values.get(option) !== undefined,
    all,
    last: (option) => all(option).at(-1),
    ordered: tokens.flatMap((token) =>
      token.kind === "option" && token.value !== undefined
        ? [{ option: token.name, value: token.value }]
        : [],
    ),
    operands: positionals,
  };
}

/** Of an unknown long option, the one that was meant. */
function suggestion(text: string, options: Options): string {
  const [, name] = /^unknown option '--([^']+)'$/.exec(text) ?? [];
  const meant = name && nearest(name, [...Object.keys(options), "help"]);
  return meant ? `, did you mean '--${meant}'?` : "";
}

/** Node's own are for authors of programs: `option '-f, --file <value>' argument missing`. */
function inOurWords(text: string): string {
  const [, missing] =
    /^option '(.+?)(?: <value>)?' argument (?:missing|is ambiguous\.?)$/.exec(text) ?? [];
  if (missing !== undefined) return `option '${missing}' needs a value`;
  const [, flag] = /^option '(.+)' does not take an argument$/.exec(text) ?? [];
  return flag === undefined ? text : `option '${flag}' takes no value`;
}

type Options = Record<string, { type: "boolean" | "string"; multiple: true; short?: string }>;

/** What begins like a negative number is the value of the option before it: `--for -1s` lacks none, it has a wrong one. */
function withNegatives(argv: readonly string[], options: Options): string[] {
  const withValue = new Set(
    Object.entries(options).flatMap(([name, { type }]) => (type === "string" ? [name] : [])),
  );
  const args: string[] = [];
  for (const text of argv) {
    const option = args.at(-1)?.replace(/^--/, "") ?? "";
    const isValue = /^-\d/.test(text) && !args.includes("--") && isLong(args.at(-1));
    if (isValue && withValue.has(option)) args.push(`${args.pop()}=${text}`);
    else args.push(text);
  }
  return args;
}

const isLong = (text = ""): boolean => text.startsWith("--");

function parse(argv: readonly string[], options: Options) {
  try {
    return parseArgs({
      args: withNegatives(argv, options),
      options,
      allowPositionals: true,
      tokens: true,
    });
  } catch (error) {
    const isKnown =
      error instanceof TypeError && "code" in error && String(error.code).startsWith("ERR_PARSE");
    if (!isKnown) throw error;
    // Node adds advice for programmers behind the first sentence
    const [sentence = ""] = error.message.split(/\. |\n/);
    const text = inOurWords(sentence.charAt(0).toLowerCase() + sentence.slice(1));
    throw new UsageError(`${text}${suggestion(text, options)}`, { cause: error });
  }
}
