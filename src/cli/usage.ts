/** Help texts. */
import type { Command, Option } from "./command.ts";
import { commands } from "./commands.ts";

const HELP: Option = { name: "help", short: "h", help: "show this help" };

export function programUsage(): string {
  return `Usage: sct COMMAND [ARGUMENT]...
Watch Linux system calls with small rules that run inside the kernel.

Commands:
${table([...commands].map(([name, { summary }]) => [name, summary]))}

Options:
${table([
  ["-h, --help", "show this help; 'sct COMMAND --help' shows that of a command"],
  ["-V, --version", "show the version"],
])}

Exit status: 0 good; 1 something was found, such as a bad rule or a failed test;
2 wrong usage; 3 this machine cannot; 70 a bug in sct. 'sct run' exits as its command does.

Example:
  sudo sct watch -e 'rule { syscall_name = unlink action { type = LOG } }'
`;
}

export function commandUsage(name: string, command: Command): string {
  const options = [...command.options, HELP].map((option): readonly [string, string] => {
    const short = option.short === undefined ? "    " : `-${option.short}, `;
    const value = option.value === undefined ? "" : ` ${option.value}`;
    return [`${short}--${option.name}${value}`, option.help];
  });
  return `Usage: sct ${name} ${command.usage}
${command.about}

Options:
${table(options)}

${command.examples.length > 1 ? "Examples" : "Example"}:
${command.examples.map((line) => `  ${line}`).join("\n")}
`;
}

function table(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([left]) => left.length)) + 2;
  return rows.map(([left, right]) => `  ${left.padEnd(width)}${right}`).join("\n");
}
