/** Completion for zsh: a function to autoload from $fpath, which can be sourced as well. */
import type { Completion, Option } from "../command.ts";
import { completionOf, type DescribedCommand } from "./described.ts";

export function zshScript(commands: readonly DescribedCommand[], calls: readonly string[]): string {
  const classic = commands.flatMap(({ programs: names }) => names);
  const names = ["sct", ...classic].join(" ");
  return `#compdef ${names}
# zsh completion for sct, printed by 'sct completion zsh'

_sct_commands() {
  local -a names=(
${commands.map(({ name, summary }) => `    ${quote(`${name}:${summary}`)}`).join("\n")}
    'help:show the help of a command'
  )
  _describe -t commands command names
}

_sct_calls() {
  compadd "$@" - ${calls.join(" ")}
}

_sct_rules() {
  local -a names=("\${(@f)$(sct completion --rules 2>/dev/null)}")
  (( \${#names[1]} )) && compadd "$@" -a names
}

${commands.map(commandFunction).join("\n")}
_sct_help() {
  _arguments '1: :_sct_commands'
}

_sct() {
  local curcontext=$curcontext state line
  typeset -A opt_args
  case $service in
${commands.flatMap(({ name, programs: words }) => words.map((word) => `    ${word}) _sct_${name}; return ;;`)).join("\n")}
  esac
  _arguments -C '(- *)'{-h,--help}'[show the help]' '(- *)'{-V,--version}'[show the version]' \\
    '1: :_sct_commands' '*:: :->arguments' && return
  [[ $state == arguments ]] || return 1
  (( $+functions[_sct_$words[1]] )) || return 1
  curcontext=\${curcontext%:*}-$words[1]:
  _sct_$words[1]
}

if [[ $funcstack[1] == _sct ]]; then
  _sct "$@"
else
  compdef _sct ${names}
fi
`;
}

function commandFunction({ name, command, options }: DescribedCommand): string {
  const lines = [...options.map(optionSpec), ...operandSpecs(command)];
  return `_sct_${name}() {
  _arguments -s -S \\
${lines.map((line) => `    ${line}`).join(" \\\n")}
}
${command.subcommands === undefined ? "" : subcommandFunctions(name, command.subcommands)}`;
}

function optionSpec(option: Option): string {
  const { name, short, value, help } = option;
  const text = help.replace(/[[\]\\:]/g, "\\$&");
  const isLast = name === "help";
  const exclusive = isLast ? "'(- *)'" : value === undefined ? "" : "'*'";
  const sign = value === undefined ? "" : "=";
  const spelling =
    short === undefined
      ? `--${name}${sign}`
      : `{-${short}${value === undefined ? "" : "+"},--${name}${sign}}`;
  const argument = value === undefined ? "" : `:${value}:${action(completionOf(option))}`;
  return `${exclusive}${spelling}${quote(`[${text}]${argument}`)}`;
}

function operandSpecs({ operands, subcommands }: DescribedCommand["command"]): readonly string[] {
  if (subcommands !== undefined) {
    const described = subcommands.map(({ name, help }) => `${name}\\:${escapeWords(help)}`);
    return [
      quote(`1:command:((${described.join(" ")}))`),
      quote(`*:argument:{ (( $+functions[_sct_operand_$line[1]] )) && _sct_operand_$line[1] }`),
    ];
  }
  if (operands === undefined) return [];
  if (operands === "command") {
    return [quote("(-)1:command: _command_names -e"), quote("*::arguments: _normal")];
  }
  return [quote(`*:argument:${action(operands)}`)];
}

function subcommandFunctions(
  _name: string,
  subcommands: NonNullable<DescribedCommand["command"]["subcommands"]>,
): string {
  return subcommands
    .filter(({ operands }) => operands !== undefined)
    .map(({ name, operands }) => `_sct_operand_${name}() { ${action(operands)} }\n`)
    .join("");
}

function action(completion: Completion | undefined): string {
  if (completion === undefined) return " ";
  if (typeof completion !== "string") return `(${completion.join(" ")})`;
  switch (completion) {
    case "file":
      return "_files";
    case "directory":
      return "_files -/";
    case "call":
      return "_sct_calls";
    case "rule":
      return "_sct_rules";
    case "command":
      return "_normal";
  }
}

function escapeWords(text: string): string {
  return text.replace(/[ \\:()]/g, "\\$&");
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
