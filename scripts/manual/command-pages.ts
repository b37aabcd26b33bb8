/** Pages of sct and its commands, from the data that `--help` is written from. */
import type { Option } from "../../src/cli/command.ts";
import { commands, groups } from "../../src/cli/commands.ts";
import type { DescribedCommand } from "../../src/cli/completion/described.ts";
import { commonExitStatus, exitStatus, versionHelp } from "../../src/cli/usage.ts";
import { example, lines, literal, page, prose, reference, tagged } from "./roff.ts";

/** Text of `sct.1`. */
export function programPage(described: readonly DescribedCommand[], version: string): string {
  const sections = Object.entries(groups).map(([group, { title, example: line }]) => {
    const own = [...commands].filter(([, entry]) => entry.group === group);
    const rows = own.map(([name, { summary }]) =>
      tagged(reference(`sct-${name}`, 1), prose(summary)),
    );
    return [`.SS ${prose(title)}`, ...rows, example(line)].join("\n");
  });
  const classic = described.flatMap(({ name, classic: names }) =>
    names.map((one) => tagged(bold(one), `the same as \\fBsct ${literal(name)}\\fR`)),
  );
  return page(
    "sct",
    1,
    "watch and control system calls with small rules",
    version,
    `.SH SYNOPSIS
\\fBsct\\fR \\fICOMMAND\\fR [\\fIARGUMENT\\fR]...
.SH DESCRIPTION
Rules name system calls, filter on their parameters and their callers, and log, fail, kill or suspend.
They are compiled straight to eBPF and run inside the kernel, for every process of the machine, or under
${reference("sct-run", 1)} for one command and all that it starts.
Their language is described in ${reference("sct-rules", 5)}, the lines and the JSON that they give in
${reference("sct-events", 5)}.
.SH COMMANDS
${[...sections, ...(classic.length === 0 ? [] : [".SS Classic names", ...classic])].join("\n")}
.SH OPTIONS
${tagged("\\fB\\-h\\fR, \\fB\\-\\-help\\fR", "show the help; with the name of a command before it, the help of that command")}
${tagged("\\fB\\-V\\fR, \\fB\\-\\-version\\fR", versionHelp)}
.SH ENVIRONMENT
${environment.map(([name, meaning]) => tagged(bold(name), prose(meaning))).join("\n")}
${ending(
  described.map(({ name }) => name),
  exitStatus,
)}`,
  );
}

const environment = [
  ["NO_COLOR", "No colours, whatever the output is."],
  [
    "SCT_STATE_DIR",
    "Directory that holds all of an instance of the service, as --state-dir, which goes before it.",
  ],
  [
    "SCT_TIMEOUT",
    "Seconds that commands wait for an answer of the service: 30 without it, 120 where rules change.",
  ],
] as const;

const RUN_EXIT_STATUS = `That of CMD; 128 plus the number of a signal that ended it; 125 when sct itself fails, by a bad
rule or wrong usage too; 126 when CMD cannot be executed, 127 when it is not found.`;

/** Text of `sct-NAME.1`. */
export function commandPage(
  described: DescribedCommand,
  version: string,
  statusColumns: () => string,
): string {
  const { name, summary, command, options, classic } = described;
  const names = ["sct", ...name.split(" ")];
  const subcommands = command.subcommands ?? [];
  const also = classic.map((one) => bold(one)).join(", ");
  const columns = name === "status" ? `.SH COLUMNS\n${statusColumns()}\n` : "";
  return page(
    names.join("-"),
    1,
    summary,
    version,
    `.SH SYNOPSIS
\\fBsct ${literal(name)}\\fR ${prose(command.usage)}
.SH DESCRIPTION
${lines(documentNames(prose(command.about)))}
${classic.length === 0 ? "" : `.PP\nThe classic name of this command is ${also}.\n`}${
  subcommands.length === 0
    ? ""
    : `.SH COMMANDS\n${subcommands.map((one) => tagged(bold(one.name), prose(one.help))).join("\n")}\n`
}${columns}.SH OPTIONS
${options.map(optionEntry).join("\n")}
.SH EXAMPLES
${command.examples.map(example).join("\n")}
${ending([], command.failure === undefined ? commonExitStatus : RUN_EXIT_STATUS)}`,
  );
}

function optionEntry({ name, short, value, help }: Option): string {
  const argument = value === undefined ? "" : ` \\fI${literal(value)}\\fR`;
  const spelled = `${short === undefined ? "" : `${bold(`-${short}`)}, `}${bold(`--${name}`)}`;
  return tagged(`${spelled}${argument}`, documentNames(prose(help)));
}

/** Where help texts name a document, a manual page names a manual page. */
function documentNames(text: string): string {
  return text
    .replaceAll("docs/events.md", reference("sct-events", 5))
    .replaceAll("docs/language.md", reference("sct-rules", 5))
    .replaceAll("docs/service.md", "below");
}

function ending(pages: readonly string[], status: string): string {
  const references = [
    ...(pages.length === 0
      ? [reference("sct", 1)]
      : pages.map((name) => reference(`sct-${name}`, 1))),
    reference("sct-rules", 5),
    reference("sct-events", 5),
    reference("syscalltrack.toml", 5),
  ];
  return `.SH EXIT STATUS
${lines(prose(status))}
.SH SEE ALSO
${references.join(",\n")}`;
}

function bold(text: string): string {
  return `\\fB${literal(text)}\\fR`;
}
