/** Completion for fish 3.0 and newer. */
import type { Completion, Option } from "../command.ts";
import { completionOf, type DescribedCommand } from "./described.ts";

export function fishScript(
  commands: readonly DescribedCommand[],
  calls: readonly string[],
): string {
  const classic = commands.flatMap(({ name, programs: words }) =>
    words.map((word) => [word, name]),
  );
  return `# fish completion for sct, printed by 'sct completion fish'

function __sct_words --description 'command of sct and its operands before the cursor'
    set -l words (commandline -opc)
    switch (string replace -r '.*/' '' -- $words[1])
${classic.map(([word, name]) => `        case ${word}\n            set words sct ${name} $words[2..]`).join("\n")}
    end
    string match -v -- '-*' $words[2..]
end

# the command is $argv[1]
function __sct_is
    set -l words (__sct_words)
    test "$words[1]" = $argv[1]
end

function __sct_needs_command
    set -l words (commandline -opc)
    test (count $words) = 1; and test (string replace -r '.*/' '' -- $words[1]) = sct
end

# the command is $argv[1], and no subcommand is there yet
function __sct_needs_subcommand
    set -l words (__sct_words)
    test "$words[1]" = $argv[1]; and test (count $words) = 1
end

# the command is $argv[1], its subcommand $argv[2]
function __sct_subcommand
    set -l words (__sct_words)
    test "$words[1]" = $argv[1]; and test "$words[2]" = $argv[2]
end

# the command is $argv[1], and behind its -- stands another command line
function __sct_has_end
    __sct_is $argv[1]; and contains -- -- (commandline -opc)
end

function __sct_command_line
    set -l words (commandline -opc) (commandline -ct)
    set -l end (contains -i -- -- $words)
    and complete -C (string join ' ' -- (string escape -- $words[(math $end + 1)..-2]) $words[-1])
end

function __sct_calls
    string split ' ' '${calls.join(" ")}'
end

function __sct_rules
    sct completion --rules 2>/dev/null
end

for name in ${["sct", ...classic.map(([word]) => word)].join(" ")}
    complete -c $name -e
    complete -c $name -f
    complete -c $name -n __sct_needs_command -s h -l help -d 'show the help'
    complete -c $name -n __sct_needs_command -s V -l version -d 'show the version'
${commands.map(({ name, summary }) => `    complete -c $name -n __sct_needs_command -a ${name} -d ${quote(summary)}`).join("\n")}
    complete -c $name -n __sct_needs_command -a help -d 'show the help of a command'
    complete -c $name -n '__sct_is help' -a ${quote(commands.map(({ name }) => name).join(" "))}
${commands.flatMap(commandLines).join("\n")}
end
`;
}

function commandLines({ name, command, options }: DescribedCommand): readonly string[] {
  const { subcommands, operands } = command;
  const isWrapper = operands === "command";
  const is = isWrapper ? `__sct_is ${name}; and not __sct_has_end ${name}` : `__sct_is ${name}`;
  const lines = options.map((option) => line(is, optionPart(option)));
  if (isWrapper) lines.push(line(`__sct_has_end ${name}`, "-a '(__sct_command_line)'"));
  else if (operands !== undefined) lines.push(line(is, offer(operands)));
  for (const subcommand of subcommands ?? []) {
    const help = `-a ${subcommand.name} -d ${quote(subcommand.help)}`;
    lines.push(line(`__sct_needs_subcommand ${name}`, help));
    if (subcommand.operands !== undefined) {
      lines.push(line(`__sct_subcommand ${name} ${subcommand.name}`, offer(subcommand.operands)));
    }
  }
  return lines;
}

function line(condition: string, rest: string): string {
  return `    complete -c $name -n ${quote(condition)} ${rest}`;
}

function optionPart(option: Option): string {
  const { name, short, value, help } = option;
  const completion = completionOf(option);
  const parts = [
    ...(short === undefined ? [] : [`-s ${short}`]),
    `-l ${name}`,
    ...(value === undefined ? [] : [completion === "file" ? "-r" : "-x"]),
    ...(completion === undefined ? [] : [offer(completion)]),
    `-d ${quote(help)}`,
  ];
  return parts.join(" ");
}

function offer(completion: Completion): string {
  if (typeof completion !== "string") return `-a ${quote(completion.join(" "))}`;
  switch (completion) {
    case "file":
      return "-F";
    case "directory":
      return "-a '(__fish_complete_directories)'";
    case "call":
      return "-a '(__sct_calls)'";
    case "rule":
      return "-a '(__sct_rules)'";
    case "command":
      return "-a '(__sct_command_line)'";
  }
}

function quote(text: string): string {
  return `'${text.replace(/[\\']/g, "\\$&")}'`;
}
