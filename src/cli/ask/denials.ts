/** The dialogue about what a rule denies: what is offered, what is answered, and what becomes of the answer. */
import { realpathSync } from "node:fs";
import { resolve } from "node:path";
import { escapeControls } from "../../base/escape.ts";
import type { DeniedUse, Question } from "../../engines/supervised/index.ts";
import type { CheckedRule, PolicyPart } from "../../language/index.ts";
import { InputError } from "../errors.ts";
import { userHome } from "../packs/find.ts";
import { parseAnswer, type TypedAnswer } from "./answer.ts";
import { parseEntry } from "./entry.ts";
import { isInProject, type KeptIn, keep, keptIn } from "./keep.ts";
import type { AskedPermissions } from "./permissions.ts";
import { proposalsFor } from "./proposals.ts";
import { type AskedDenial, denialLines } from "./question.ts";
import { addSessionGrant, sessionGrants } from "./session.ts";
import type { Talk } from "./talk.ts";

type Decision = "allow" | "fail";
type EntryAnswer = Extract<TypedAnswer, { kind: "entry" }>;

export class DenialDialogue {
  readonly #permissions: AskedPermissions;
  readonly #packs: readonly string[];

  /** `packs`: as --pack names them. */
  constructor(permissions: AskedPermissions, packs: readonly string[]) {
    this.#permissions = permissions;
    this.#packs = packs;
  }

  /** What was allowed for a while in this session holds for these rules, too. */
  restore(rules: readonly CheckedRule[]): void {
    const parts = new Map(
      rules.flatMap(({ policy: part }) =>
        part === undefined ? [] : [[`${fileOf(part)} ${part.policy} ${part.right}`, part] as const],
      ),
    );
    for (const { file, policy, right, entry, until } of sessionGrants()) {
      const part = parts.get(`${file} ${policy} ${right}`);
      const entries = part && parseEntry(part.right, entry);
      if (part !== undefined && typeof entries === "object")
        this.#permissions.allow(part, entries, until);
    }
  }

  /** Answered before. */
  known(denied: DeniedUse): Decision | undefined {
    return this.#permissions.isRefused(denied) ? "fail" : undefined;
  }

  async ask(question: Question, denied: DeniedUse, talk: Talk): Promise<Decision> {
    const { policy: part } = denied.rule;
    const asked = this.#asked(question, denied, part);
    await talk.say(
      denialLines(asked)
        .map((line) => `${line}\n`)
        .join(""),
    );
    while (true) {
      await talk.say('which, and for how long? (n, o, r, "2 r", or an entry of yours in quotes) ');
      const answer = parseAnswer(await talk.line(), asked.proposals.entries);
      if (answer?.kind === "no") {
        if (answer.forRun) this.#permissions.refuse(denied);
        return "fail";
      }
      if (answer?.kind === "once") return "allow";
      if (answer === undefined) continue;
      const wrong =
        part === undefined
          ? this.#allowRule(denied, answer)
          : this.#allow(asked, denied, answer, part);
      if (wrong === undefined) return "allow";
      await talk.say(`sct: ask: ${escapeControls(wrong)}\n`);
    }
  }

  #asked(question: Question, denied: DeniedUse, part: PolicyPart | undefined): AskedDenial {
    if (part === undefined) {
      const where: KeptIn = { kind: "nowhere", why: "" };
      return { question, proposals: { entries: [] }, where, isInProject: false };
    }
    const [name = ""] = this.#permissions.lacking(denied);
    const where = keptIn(part, this.#packs);
    return {
      question,
      proposals: proposalsFor(part, name, denied, userHome()),
      where,
      isInProject: where.kind !== "nowhere" && isInProject(where.path, process.cwd()),
    };
  }

  /** What is wrong with it, if anything. */
  #allowRule(denied: DeniedUse, { lasts }: EntryAnswer): string | undefined {
    if (lasts !== "run") return "a rule can be allowed once, or in this run";
    this.#permissions.allowUse(denied);
    return undefined;
  }

  #allow(
    { proposals, where, question }: AskedDenial,
    denied: DeniedUse,
    { entry, lasts }: EntryAnswer,
    part: PolicyPart,
  ): string | undefined {
    const entries = parseEntry(part.right, entry);
    if (typeof entries === "string") return `no entry: ${entries}`;
    if (lasts === "ever" && proposals.warning !== undefined)
      return `not for ever: ${proposals.warning}`;
    if (lasts === "ever" && where.kind === "nowhere") return `not for ever: ${where.why}`;
    const before = this.#permissions.lacking(denied);
    if (this.#permissions.lacking(denied, entries).length === before.length)
      return "that entry does not allow it";
    try {
      const until = lasts === "session" ? addSessionGrant(fileOf(part), part, entry) : undefined;
      if (lasts === "ever" && where.kind !== "nowhere") keep(where, part, lineOf(entry, question));
      this.#permissions.allow(part, entries, until);
      return undefined;
    } catch (error) {
      if (error instanceof InputError) return error.message;
      throw error;
    }
  }
}

/** As it stands in a file. */
function lineOf(entry: string, { comm, denied }: Question): string {
  const date = new Date().toISOString().slice(0, 10);
  return `${entry},  # ${date}: allowed when ${escapeControls(comm)} was asked about, ${denied?.call}`;
}

function fileOf({ list: { file } }: PolicyPart): string {
  try {
    return realpathSync(resolve(file.name));
  } catch {
    return file.name;
  }
}
