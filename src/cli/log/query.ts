/** Which events the options of `sct log` ask for. */
import { findUserId } from "../../engines/context/index.ts";
import { PRIORITIES, parsePriority } from "../../language/index.ts";
import { nearest } from "../../language/suggest.ts";
import { vocabulary } from "../../linux/index.ts";
import type { Query } from "../../store/index.ts";
import type { CommandArguments } from "../command.ts";
import { UsageError } from "../errors.ts";
import { namesMeant } from "../exact-arguments.ts";
import { parseTimeMs } from "./time.ts";

export function readQuery(args: CommandArguments): Query {
  const since = args.last("since");
  const until = args.last("until");
  return {
    sinceMs: since === undefined ? undefined : parseTimeMs(since, "--since"),
    untilMs: until === undefined ? undefined : parseTimeMs(until, "--until"),
    rules: args.all("rule"),
    priority: readPriority(args.last("priority")),
    tags: args.all("tag"),
    calls: args.all("syscall").flatMap(callsMeant),
    pids: args.all("pid").map((pid) => {
      if (!/^\d{1,10}$/.test(pid)) throw new UsageError(`--pid takes a number: '${pid}'`);
      return Number(pid);
    }),
    uids: args.all("uid").map(readUser),
    comms: args.all("comm").flatMap(namesMeant),
    exes: args.all("exe").flatMap(namesMeant),
    paths: args.all("path").flatMap(namesMeant),
  };
}

function readPriority(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const priority = parsePriority(text);
  if (priority === undefined)
    throw new UsageError(`--priority takes 0 to 7, or ${PRIORITIES.join(", ")}: '${text}'`);
  return priority;
}

/** A name of a call with its variants, as rules have them, or a class. */
function callsMeant(name: string): readonly string[] {
  const members = name.startsWith("@") ? vocabulary.classMembers(name) : [name];
  const calls = members?.map((member) => vocabulary.presentations(member, "variants"));
  if (calls === undefined || calls.some((one) => one === undefined)) {
    const meant = nearest(name, [...vocabulary.callNames, ...vocabulary.classNames]);
    const hint = meant === undefined ? "" : `, did you mean '${meant}'?`;
    throw new UsageError(`--syscall: unknown system call '${name}'${hint}`);
  }
  return [...(members ?? []), ...calls.flatMap((one) => one?.map(({ call }) => call) ?? [])];
}

function readUser(text: string): number {
  if (/^\d{1,10}$/.test(text)) return Number(text);
  const uid = findUserId(text);
  if (uid === undefined) throw new UsageError(`--uid: no user '${text}' in /etc/passwd`);
  return uid;
}
