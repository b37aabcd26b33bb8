/** How `sct log` prints an event, and which lines it leaves out. */
import type { CommandArguments } from "../command.ts";
import { UsageError } from "../errors.ts";

export interface Form {
  readonly isJson: boolean;
  /** Lines of text begin with day and time. JSON has them anyway. */
  readonly isDated: boolean;
  /** One of them must be found in the line as it is printed; none: all lines are meant. */
  readonly greps: readonly RegExp[];
}

export function readForm(args: CommandArguments): Form {
  return {
    isJson: args.has("json"),
    // `sctlog` adds --no-time by itself, and its user may want the time after all
    isDated: args.has("time") || !args.has("no-time"),
    greps: args.all("grep").map(readExpression),
  };
}

function readExpression(text: string): RegExp {
  try {
    return new RegExp(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    // `Invalid regular expression: /(/: Unterminated group`
    const reason = error.message.split(": ").at(-1)?.toLowerCase();
    throw new UsageError(
      `--grep takes a regular expression, in which a \\ makes the next character an ordinary one: '${text}' (${reason})`,
    );
  }
}
