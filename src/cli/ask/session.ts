/** What is allowed for a while in all runs of one session of the terminal. It is the user's, and no folder of a project has it. */
import { mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { PolicyPart, PolicyRight } from "../../language/index.ts";
import { ownFolder } from "../packs/find.ts";
import { writeWhole } from "../write-whole.ts";

export const SESSION_MINUTES = 30;
const SESSION_MS = SESSION_MINUTES * 60_000;

interface SessionGrant {
  /** The file of the policy: one of the same name elsewhere is another one. */
  readonly file: string;
  readonly policy: string;
  readonly right: PolicyRight;
  /** As a rule file has it. */
  readonly entry: string;
  /** Milliseconds of Date.now(). */
  readonly until: number;
}

const NAME = /^session-\d+-\d+\.json$/;

const folderOfSessions = (): string => join(ownFolder(), "asked");

/** The entries for the lists of these policies that still hold. Files of sessions without any are removed. */
export function sessionGrants(): readonly SessionGrant[] {
  const folder = folderOfSessions();
  const now = Date.now();
  const own = sessionName();
  let found: readonly SessionGrant[] = [];
  for (const name of filesIn(folder)) {
    const grants = read(join(folder, name)).filter(
      ({ until }) => until > now && until <= now + SESSION_MS,
    );
    if (grants.length === 0) rmSync(join(folder, name), { force: true });
    else if (name === own) found = grants;
  }
  return found;
}

/** Adds an entry. Returns until when. Throws InputError where it cannot be kept; it holds in this run anyway. */
export function addSessionGrant(file: string, part: PolicyPart, entry: string): number {
  const until = Date.now() + SESSION_MS;
  const name = sessionName();
  if (name === undefined) return until;
  const { policy, right } = part;
  const grants = [...sessionGrants(), { file, policy, right, entry, until }];
  mkdirSync(folderOfSessions(), { recursive: true, mode: 0o700 });
  writeWhole(join(folderOfSessions(), name), `${JSON.stringify(grants)}\n`);
  return until;
}

function filesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder).filter((name) => NAME.test(name));
  } catch {
    return [];
  }
}

function read(path: string): readonly SessionGrant[] {
  try {
    const grants: unknown = JSON.parse(readFileSync(path, "utf8"));
    return Array.isArray(grants) ? grants.filter(isGrant) : [];
  } catch {
    return [];
  }
}

function isGrant(value: unknown): value is SessionGrant {
  if (typeof value !== "object" || value === null) return false;
  const { file, policy, right, entry, until } = value as Partial<Record<string, unknown>>;
  return (
    [file, policy, right, entry].every((one) => typeof one === "string") &&
    typeof until === "number"
  );
}

/** proc_pid_stat(5): the session, and when its first process began, so that a number is not taken for another's. */
function sessionName(): string | undefined {
  const session = statFields("self")?.[3];
  const began = session === undefined ? undefined : statFields(session)?.[19];
  return began === undefined ? undefined : `session-${session}-${began}.json`;
}

/** Behind the name in parentheses; the first is the state. */
function statFields(pid: string): readonly string[] | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  } catch {
    return undefined;
  }
}
