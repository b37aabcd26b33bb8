/** All commands with their data, for completion scripts and manual pages. */
import {
  type CliCommand,
  type CommandTable,
  type Completion,
  helpOption,
  type Option,
} from "../command.ts";

export interface DescribedCommand {
  readonly name: string;
  readonly summary: string;
  readonly command: CliCommand;
  /** Its own and those that every command has. */
  readonly options: readonly Option[];
  /** Classic programs that are this command. */
  readonly classic: readonly string[];
  /** All programs that are this command: those and the service. */
  readonly programs: readonly string[];
}

/** Not one of the classic programs: it takes no option that makes it the service. */
const SERVICE = { program: "syscalltrackd", command: "load" };

export async function describeCommands({
  commands,
  classicNames,
}: CommandTable): Promise<readonly DescribedCommand[]> {
  return Promise.all(
    [...commands].map(async ([name, { summary, load }]) => {
      const command = await load();
      const classic = [...classicNames].flatMap(([word, [target]]) =>
        target === name ? [word] : [],
      );
      return {
        name,
        summary,
        command,
        options: [...command.options, helpOption],
        classic,
        programs: name === SERVICE.command ? [...classic, SERVICE.program] : classic,
      };
    }),
  );
}

/** What completes the value of an option; undefined: nothing does. */
export function completionOf({ value, completes }: Option): Completion | undefined {
  if (completes !== undefined) return completes;
  if (value === "FILE") return "file";
  return value === "DIR" ? "directory" : undefined;
}
