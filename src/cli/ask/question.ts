/** The text of a question about something that a rule denies. What strangers have named is inert in it. */
import { escapeControls } from "../../base/escape.ts";
import { sourcePlace } from "../../base/position.ts";
import type { Question } from "../../engines/supervised/index.ts";
import { userHome } from "../packs/find.ts";
import type { KeptIn } from "./keep.ts";
import type { AskedProposals } from "./proposals.ts";
import { SESSION_MINUTES } from "./session.ts";

/** Longest text of an entry that is shown; it can be chosen anyway. */
const MOST_SHOWN = 400;

const DOES: Readonly<Record<string, string>> = {
  read: "read",
  write: "write",
  execute: "execute",
  attributes: "change attributes of",
  connect: "connect to",
  listen: "listen on",
  unix: "connect to",
};

export interface AskedDenial {
  readonly question: Question;
  readonly proposals: AskedProposals;
  readonly where: KeptIn;
  /** The file that `where` names lies where the command works. */
  readonly isInProject: boolean;
}

/** Lines, each of them inert. */
export function denialLines(asked: AskedDenial): readonly string[] {
  const { question, proposals } = asked;
  const { comm, pid, call, denied } = question;
  const rule = denied?.rule;
  const part = rule?.policy;
  const [first] = proposals.entries;
  const does = part === undefined ? "make" : (DOES[part.right] ?? part.right);
  const head = `sct: ask: ${comm}[${pid}] wants to ${does} ${first === undefined ? call : shorten(first.text)}`;
  const by =
    part === undefined
      ? `  denied by rule ${rule?.name} at ${rule === undefined ? "" : sourcePlace(rule.span)}`
      : `  ${call}: not in ${part.right} of ${part.policy}, ${sourcePlace(part.list)}`;
  const warning = proposals.warning === undefined ? [] : [`  look at this: ${proposals.warning}`];
  const entries = proposals.entries.map(
    ({ text, about }, i) => `  ${i + 1}  ${shorten(text)}  (${about})`,
  );
  return [head, by, ...warning, ...entries, ...choices(asked)].map(escapeControls);
}

function choices({ proposals, where, isInProject, question }: AskedDenial): readonly string[] {
  const no = "  n no   N no, and not asked again in this run   o once";
  if (question.denied?.rule.policy === undefined)
    return [
      `${no}   r in this run`,
      "  not for ever: it is a rule, and no list that could be added to",
    ];
  const line = `${no}   r in this run   s in this session, ${SESSION_MINUTES} minutes`;
  if (proposals.warning !== undefined)
    return [line, "  not for ever: write that into the rules yourself"];
  if (where.kind === "nowhere") return [line, `  not for ever: ${where.why}`];
  const list = where.kind === "policy" ? "" : `list ${where.list} (${where.rights.join(", ")}) in `;
  const project = isInProject
    ? ["     that file lies where the command works: whoever brings such a file brings permissions"]
    : [];
  return [line, `  f for ever, in ${list}${withTilde(where.path)}`, ...project];
}

const shorten = (text: string): string =>
  text.length > MOST_SHOWN ? `${text.slice(0, MOST_SHOWN)}…` : text;

function withTilde(path: string): string {
  const home = userHome();
  return path.startsWith(`${home}/`) ? `~${path.slice(home.length)}` : path;
}
