/** Help text of the program. */
import { fill, table, wordsOf } from "./command-usage.ts";
import { commands, groups } from "./commands.ts";

export const versionHelp = "show the version";
export const commonExitStatus = `0 good; 1 something was found, such as a bad rule or a failed test;
2 wrong usage; 3 this machine cannot; 70 a bug in sct.`;
export const exitStatus = `${commonExitStatus} 'sct run' exits as its command does.`;

export function programUsage(): string {
  const width = Math.max(...[...commands.keys()].map((name) => name.length)) + 2;
  const sections = Object.entries(groups).map(([group, { title, example }]) => {
    const rows = [...commands]
      .filter(([, entry]) => entry.group === group)
      .map(([name, { summary }]): readonly [string, string] => [name, summary]);
    return `${title}:\n${table(rows, width)}\n    $ ${example}\n`;
  });
  return `Usage: sct COMMAND [ARGUMENT]...
Watch Linux system calls with small rules that run inside the kernel.

${sections.join("\n")}
Options:
${table([
  ["-h, --help", "show this help; 'sct COMMAND --help' shows that of a command"],
  ["-V, --version", versionHelp],
])}

${fill(wordsOf(`Exit status: ${exitStatus}`), "")}
`;
}
