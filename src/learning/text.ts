/** A proposal as the text of a rule file: evidence beside each line, and tests made of calls that were seen. */
import { escapeControls } from "../base/escape.ts";
import type { PolicyRight } from "../language/checked/index.ts";
import { printString, quotedText } from "../language/index.ts";
import { isHost } from "./addresses.ts";
import type { ProposedEntry } from "./generalise.ts";
import { CREDENTIAL_PATTERNS } from "./guarded.ts";
import { learnedLine } from "./history.ts";
import type { NotProposed, Proposal, ProposedList } from "./propose.ts";
import type { SeenUse } from "./use.ts";

/** The policy that watches, and what it becomes. */
export const LEARNED = "learned";

/** Most tests of one list. */
const MOST_TESTS = 3;
const MOST_PROGRAMS = 3;
const MOST_SHOWN = 72;

/** A name of a file, a character for each byte, as rules have it. */
const quotedName = (name: string): string => printString(Buffer.from(name, "latin1"));

/** The rule file. `command`: what was run, for the first line; `date`: as `2026-12-01`. */
export function proposalText(
  proposal: Proposal,
  {
    command,
    date,
    home,
  }: { readonly command: string; readonly date: string; readonly home: string },
): string {
  const { lists, notProposed, calls, names } = proposal;
  const entries = lists.reduce((sum, list) => sum + list.entries.length, 0);
  const hasCredentials = lists.some(({ withoutCredentials }) => withoutCredentials);
  return [
    learnedLine({ runs: 1, silent: 0 }),
    `# ${date}, ${escapeControls(command)}: ${count(calls, "call")} on ${count(names, "name")} -> ${count(entries, "entry", "entries")}`,
    ...notProposedLines(notProposed).map((line) => `# ${line}`),
    ...(hasCredentials ? ["", ...credentialLines()] : []),
    "",
    `policy ${LEARNED} {`,
    ...lists.flatMap(listLines),
    "  # FAIL EACCES in place of LOG denies what is not listed",
    "  otherwise = LOG",
    "}",
    "",
    ...testLines(proposal, home),
  ].join("\n");
}

/** First of all: what a person has to look at. */
export function notProposedLines(notProposed: readonly NotProposed[]): readonly string[] {
  if (notProposed.length === 0) return [];
  return [
    "not proposed, look at these:",
    ...notProposed.map(
      ({ use, why }) => `  ${use.right} ${quotedName(use.name)} ${evidence([use])}: ${why}`,
    ),
  ];
}

function credentialLines(): readonly string[] {
  const members = CREDENTIAL_PATTERNS.map((pattern) => quotedName(pattern));
  const lines: string[] = [];
  for (let i = 0; i < members.length; i += 4)
    lines.push(`  ${members.slice(i, i + 4).join(", ")},`);
  const last = lines.pop() ?? "";
  return ["list CREDENTIALS {", ...lines, last.slice(0, -1), "}"];
}

function listLines({ right, entries, withoutCredentials, afterwards }: ProposedList): string[] {
  if (entries.length === 0) return [`  ${right} { }`];
  const line = (entry: ProposedEntry): string => `    ${entryLine(right, entry)}`;
  return [
    `  ${right} {`,
    ...entries.map(line),
    ...(withoutCredentials ? ["    not CREDENTIALS,"] : []),
    ...afterwards.map(line),
    "  }",
  ];
}

/** Addresses are text already. */
export function entryText(right: PolicyRight, { text }: ProposedEntry): string {
  return right === "connect" || right === "listen" ? `"${text}"` : quotedName(text);
}

/** As it stands in a file: the entry, a comma, and its evidence as a comment. */
export function entryLine(right: PolicyRight, entry: ProposedEntry): string {
  return `${entryText(right, entry)},  # ${entryEvidence(entry)}`;
}

/** `12 names; 340 calls by node, sh`. */
function entryEvidence({ uses, isFolder }: ProposedEntry): string {
  const shown = uses[0]?.name ?? "";
  const example = isFolder ? `, such as ${shorten(quotedName(shown))}` : "";
  const names = uses.length > 1 ? `${count(uses.length, "name")}, ` : "";
  return `${names}${evidence(uses)}${example}`;
}

function evidence(uses: readonly SeenUse[]): string {
  const calls = uses.reduce((sum, use) => sum + use.count, 0);
  const programs = [...new Set(uses.flatMap((use) => [...use.programs]))];
  const more = programs.length - MOST_PROGRAMS;
  const names = programs.slice(0, MOST_PROGRAMS).map((name) => escapeControls(name));
  return `${count(calls, "call")} by ${names.join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}

const shorten = (text: string): string =>
  text.length > MOST_SHOWN ? `${text.slice(0, MOST_SHOWN)}…` : text;

function count(number: number, one: string, many = `${one}s`): string {
  return `${number.toLocaleString("en")} ${number === 1 ? one : many}`;
}

function testLines({ lists }: Proposal, home: string): readonly string[] {
  const good = lists.flatMap(({ entries, right }) =>
    entries
      .slice(0, MOST_TESTS)
      .flatMap(({ uses: [use] }) => (use === undefined ? [] : testsOf(use, right))),
  );
  const key = quotedName(`${home === "/" ? "" : home}/.ssh/id_ed25519`);
  return [
    ...good.map(({ title, call }) => testText(title, call, "nothing")),
    testText("keys stay where they are", `open(${key}, O_RDONLY)`, `LOG by ${LEARNED}.read`),
  ];
}

function testText(title: string, call: string, expected: string): string {
  return `test ${quotedText(title)} {\n  call ${call}\n  expect ${expected}\n}\n`;
}

/** No call has the name of a host. */
function testsOf(use: SeenUse, right: PolicyRight): readonly { title: string; call: string }[] {
  if (right === "connect" && isHost(use.name)) return [];
  const [program = ""] = use.programs;
  return [{ title: `${right} by ${escapeControls(program)}`, call: callOf(use) }];
}

function callOf({ right, name, isNamed }: SeenUse): string {
  const file = quotedName(name);
  switch (right) {
    case "read":
      return `open(${file}, O_RDONLY)`;
    case "write":
      return isNamed ? `unlink(${file})` : `open(${file}, O_WRONLY)`;
    case "execute":
      return `execve(${file})`;
    case "attributes":
      return `chmod(${file}, 0)`;
    case "unix":
      return `connect(3) as { PARAMS[2].sa_family = AF_UNIX, PATH[2] = ${file} }`;
    case "connect":
      return `connect(3) as { ${socketOf(name)} }`;
    case "listen":
      return `bind(3) as { ${socketOf(name)} }`;
  }
}

function socketOf(name: string): string {
  const at = name.lastIndexOf(":");
  const address = name.slice(0, at).replace(/^\[(.*)\]$/, "$1");
  const [family, field] = address.includes(":") ? ["AF_INET6", "sin6"] : ["AF_INET", "sin"];
  return `PARAMS[2].sa_family = ${family}, PARAMS[2].${field}_addr = ${address}, PARAMS[2].${field}_port = ${name.slice(at + 1)}`;
}
