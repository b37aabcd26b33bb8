/**
 * Completion for bash 4.3 and newer, with or without the package bash-completion. The script holds all data itself, so
 * that a Tab costs no start of sct. Names of loaded rules are strangers' text: they never pass `compgen -W`, which
 * would expand `$(…)` in them.
 */
import type { Completion } from "../command.ts";
import { completionOf, type DescribedCommand } from "./described.ts";

export function bashScript(
  commands: readonly DescribedCommand[],
  calls: readonly string[],
): string {
  const names = ["sct", ...commands.flatMap(({ programs }) => programs)];
  return `# bash completion for sct, printed by 'sct completion bash'

_sct_calls='${calls.join(" ")}'

# $1: kind of value, or words; fills COMPREPLY with what begins with $2, and puts $3 before each
_sct_offer() {
  local word
  case $1 in
    file | directory)
      local action=-f
      [[ $1 == directory ]] && action=-d
      mapfile -t COMPREPLY < <(compgen "$action" -P "$3" -- "$2")
      compopt -o filenames 2>/dev/null
      ;;
    rule)
      while IFS= read -r word; do
        [[ $word == "$2"* ]] && COMPREPLY+=("$3$(printf %q "$word")")
      done < <(sct completion --rules 2>/dev/null)
      ;;
    call) mapfile -t COMPREPLY < <(compgen -P "$3" -W "$_sct_calls" -- "$2") ;;
    words) mapfile -t COMPREPLY < <(compgen -P "$3" -W "$4" -- "$2") ;;
  esac
}

# Completes the command behind the word number $1, as if it stood alone
_sct_offer_command() {
  if declare -F _command_offset >/dev/null; then
    _command_offset "$1"
  elif ((COMP_CWORD == $1)); then
    mapfile -t COMPREPLY < <(compgen -c -- "\${COMP_WORDS[COMP_CWORD]}")
  else
    _sct_offer file "\${COMP_WORDS[COMP_CWORD]}"
  fi
}

_sct() {
  COMPREPLY=()
  local command='' first=1 i
  case \${COMP_WORDS[0]##*/} in
${commands.flatMap(({ name, programs }) => programs.map((word) => `    ${word}) command=${name} ;;`)).join("\n")}
    *)
      if ((COMP_CWORD == 1)); then
        _sct_offer words "\${COMP_WORDS[1]}" '' '${[...commands.map(({ name }) => name), "help", "-h", "--help", "-V", "--version"].join(" ")}'
        return
      fi
      command=\${COMP_WORDS[1]} first=2
      ;;
  esac

  local options='' valued='' operands='' words='' subcommands=''
  case $command in
${commands.map(commandCase).join("\n")}
    help) operands=words words='${commands.map(({ name }) => name).join(" ")}' ;;
    *) return ;;
  esac

  # what stands before the word under the cursor
  local operand_count=0 operand='' pending='' word
  for ((i = first; i < COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    if [[ $word == = && -n $pending ]]; then continue; fi
    if [[ -n $pending ]]; then pending=''; continue; fi
    if [[ $word == -- ]]; then
      if [[ $operands == command ]]; then
        _sct_offer_command $((i + 1))
        return
      fi
      options=''
    elif [[ $word == -?* ]]; then
      [[ " $valued " == *" $word "* ]] && pending=$word
    else
      ((operand_count++ == 0)) && operand=$word
    fi
  done

  local cur=\${COMP_WORDS[COMP_CWORD]} prefix=''
  [[ $cur == = && -n $pending ]] && cur=''
  # only if '=' does not break words in this shell
  if [[ $cur == --*=* ]]; then
    pending=\${cur%%=*} prefix=$pending= cur=\${cur#*=}
  fi
  if [[ -n $pending ]]; then
    case $command$pending in
${commands.flatMap(valueCases).join("\n")}
    esac
    return
  fi
  # COMP_WORDS has '@' as a word of its own, although readline replaces the whole name
  [[ $2 == @* ]] && cur=$2
  if [[ $cur == -* && -n $options ]]; then
    _sct_offer words "$cur" '' "$options"
    return
  fi
  if [[ -n $subcommands ]]; then
    if ((operand_count == 0)); then
      _sct_offer words "$cur" '' "$subcommands"
      return
    fi
    case $command:$operand in
${commands.flatMap(subcommandCases).join("\n")}
    esac
  fi
  if [[ $operands == command ]]; then
    ((operand_count > 0)) && return
    _sct_offer words "$cur" '' --
  else
    _sct_offer "$operands" "$cur" '' "$words"
  fi
}

complete -F _sct ${names.join(" ")}
`;
}

function commandCase({ name, command, options }: DescribedCommand): string {
  const flags = options.flatMap((option) => spellings(option));
  const valued = options.flatMap((option) => (option.value === undefined ? [] : spellings(option)));
  const parts = [
    `options='${flags.join(" ")}'`,
    ...(valued.length > 0 ? [`valued='${valued.join(" ")}'`] : []),
    ...(command.subcommands === undefined
      ? []
      : [`subcommands='${command.subcommands.map((one) => one.name).join(" ")}'`]),
    ...(command.operands === undefined ? [] : [assignment(command.operands)]),
  ];
  return `    ${name})\n${parts.map((part) => `      ${part}\n`).join("")}      ;;`;
}

function valueCases({ name, options }: DescribedCommand): readonly string[] {
  return options.flatMap((option) => {
    const completion = completionOf(option);
    if (option.value === undefined || completion === undefined) return [];
    const patterns = spellings(option).map((spelling) => `${name}${spelling}`);
    const words = typeof completion === "string" ? "" : ` '${completion.join(" ")}'`;
    return [
      `      ${patterns.join(" | ")}) _sct_offer ${kind(completion)} "$cur" "$prefix"${words} ;;`,
    ];
  });
}

function subcommandCases({ name, command }: DescribedCommand): readonly string[] {
  return (command.subcommands ?? []).flatMap((subcommand) =>
    subcommand.operands === undefined
      ? []
      : [`      ${name}:${subcommand.name}) ${assignment(subcommand.operands)} ;;`],
  );
}

function assignment(completion: Completion): string {
  const words = typeof completion === "string" ? "" : ` words='${completion.join(" ")}'`;
  return `operands=${kind(completion)}${words}`;
}

function kind(completion: Completion): string {
  return typeof completion === "string" ? completion : "words";
}

function spellings({ name, short }: DescribedCommand["options"][number]): readonly string[] {
  return [...(short === undefined ? [] : [`-${short}`]), `--${name}`];
}
