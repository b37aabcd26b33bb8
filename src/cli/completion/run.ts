/** What `sct completion` does. */
import { vocabulary } from "../../linux/index.ts";
import type { CommandArguments, CommandTable } from "../command.ts";
import { UsageError } from "../errors.ts";
import { ExitCode } from "../exit-codes.ts";
import { bashScript } from "./bash.ts";
import { type DescribedCommand, describeCommands } from "./described.ts";
import { fishScript } from "./fish.ts";
import { zshScript } from "./zsh.ts";

type Writer = (commands: readonly DescribedCommand[], calls: readonly string[]) => string;

const writers: ReadonlyMap<string, Writer> = new Map([
  ["bash", bashScript],
  ["zsh", zshScript],
  ["fish", fishScript],
]);

export async function runCompletion(
  args: CommandArguments,
  table: CommandTable,
): Promise<ExitCode> {
  if (args.has("rules")) {
    const { printRuleNames } = await import("./rule-names.ts");
    return printRuleNames(args);
  }
  const [shell, extra] = args.operands;
  if (shell === undefined)
    throw new UsageError("the name of a shell is missing: bash, zsh or fish");
  if (extra !== undefined) throw new UsageError(`unexpected argument '${extra}'`);
  const write = writers.get(shell);
  if (write === undefined) throw new UsageError(`no completion for '${shell}': bash, zsh or fish`);
  const calls = [...vocabulary.callNames, ...vocabulary.classNames];
  process.stdout.write(write(await describeCommands(table), calls));
  return ExitCode.good;
}
