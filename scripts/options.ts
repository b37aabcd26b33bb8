/** Options of the scripts that npm runs: `--help` and mistakes get the usage, not a stack trace. */
import { type ParseArgsConfig, parseArgs } from "node:util";

type Options = NonNullable<ParseArgsConfig["options"]>;

/** Ends the process for `--help`, and with 2 where the arguments are wrong. At most `operands` of them are no options. */
export function readOptions<const T extends Options>(usage: string, options: T, operands = 0) {
  try {
    const parsed = parseArgs({
      options: { ...options, help: { type: "boolean", short: "h" } },
      allowPositionals: operands > 0,
    });
    if (process.argv.slice(2).some((word) => word === "--help" || word === "-h")) {
      console.log(usage);
      process.exit(0);
    }
    if (parsed.positionals.length > operands) throw new TypeError("too many arguments");
    return parsed;
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    console.error(`${error.message.split(/\. |\n/, 1)[0]}\n${usage}`);
    process.exit(2);
  }
}
