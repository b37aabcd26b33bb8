/** From what was seen to the lists of a policy, and to what is for a person to decide. */
import type { PolicyRight } from "../language/checked/index.ts";
import { literalGlob } from "../language/index.ts";
import { generaliseAddresses } from "./addresses.ts";
import { type GeneraliseOptions, generalise, type ProposedEntry } from "./generalise.ts";
import { guardedAs, looksGuarded } from "./guarded.ts";
import type { SeenUse } from "./use.ts";

/** Most entries of each list, 40 together; more where names have no folder that may be proposed. */
const LIMITS: Readonly<Record<PolicyRight, number>> = {
  read: 14,
  write: 9,
  execute: 7,
  attributes: 3,
  connect: 3,
  listen: 2,
  unix: 2,
};
const RIGHTS = Object.keys(LIMITS) as readonly PolicyRight[];
const LONGEST_NAME = 4095;

export interface NotProposed {
  readonly use: SeenUse;
  readonly why: string;
}

export interface ProposedList {
  readonly right: PolicyRight;
  readonly entries: readonly ProposedEntry[];
  /** Takes credentials away from the entries, and gives back what only has such a name. */
  readonly withoutCredentials: boolean;
  readonly afterwards: readonly ProposedEntry[];
}

export interface Proposal {
  readonly lists: readonly ProposedList[];
  readonly notProposed: readonly NotProposed[];
  readonly calls: number;
  readonly names: number;
}

export interface ProposeOptions {
  readonly home: string;
}

/** Pure. */
export function propose(seen: readonly SeenUse[], { home }: ProposeOptions): Proposal {
  const notProposed: NotProposed[] = [];
  const uses = [...seen, ...companions(seen)].filter((use) => {
    const why = whyNotProposed(use, home);
    if (why !== undefined) notProposed.push({ use, why });
    return why === undefined;
  });
  const of = (right: PolicyRight): readonly SeenUse[] => uses.filter((use) => use.right === right);
  const names = (own: readonly SeenUse[]): ReadonlySet<string> =>
    new Set(own.map(({ name }) => name));
  const written = names(of("write"));
  const fleeting = names(of("write").filter(({ isNamed }) => isNamed));
  const options = { home, written, fleeting };
  const write = generalise(of("write"), { ...options, limit: LIMITS.write });
  const folders = new Set(
    write.flatMap(({ text, isFolder }) => (isFolder ? [folderOf(text)] : [])),
  );
  const lists = RIGHTS.map((right): ProposedList => {
    const limit = LIMITS[right];
    if (right === "connect" || right === "listen")
      return plain(right, generaliseAddresses(of(right), limit));
    if (right === "write") return plain(right, write);
    if (right === "unix") return plain(right, sockets(of(right), { ...options, limit, folders }));
    if (right !== "read")
      return plain(right, generalise(of(right), { ...options, limit, folders }));
    const entries = generalise(of(right), { ...options, limit, folders });
    const isWide = entries.some(({ text, isFolder }) => isFolder && !looksPublic(text));
    const named = isWide ? of(right).filter(({ name }) => looksGuarded(name)) : [];
    const afterwards = generalise(named, { ...options, limit: 2 });
    return { right, entries, withoutCredentials: isWide, afterwards };
  });
  return {
    lists,
    notProposed: notProposed.toSorted((a, b) => (a.use.name < b.use.name ? -1 : 1)),
    calls: seen.reduce((sum, { count }) => sum + count, 0),
    names: seen.length,
  };
}

const plain = (right: PolicyRight, entries: readonly ProposedEntry[]): ProposedList => ({
  right,
  entries,
  withoutCredentials: false,
  afterwards: [],
});

/** glibc counts processors when threads wait for memory: in one run it does, in the next it does not. */
const COMPANIONS: readonly (readonly [of: string, name: string, program: string])[] = [
  ["/etc/ld.so.cache", "/sys/devices/system/cpu/online", "glibc, in some runs"],
];

function companions(seen: readonly SeenUse[]): readonly SeenUse[] {
  const read = new Set(seen.flatMap(({ right, name }) => (right === "read" ? [name] : [])));
  return COMPANIONS.filter(([of, name]) => read.has(of) && !read.has(name)).map(
    ([, name, program]) => ({
      right: "read",
      name,
      isNamed: false,
      isMade: false,
      call: "openat",
      count: 0,
      programs: new Set([program]),
    }),
  );
}

/** Abstract names have no folders. */
function sockets(uses: readonly SeenUse[], options: GeneraliseOptions): readonly ProposedEntry[] {
  const isAbstract = ({ name }: SeenUse): boolean => name.startsWith("@");
  const abstract = uses
    .filter(isAbstract)
    .map((use) => ({ text: literalGlob(use.name), uses: [use], isFolder: false }));
  const named = uses.filter((use) => !isAbstract(use));
  return [...abstract, ...generalise(named, options)];
}

/** The metadata services of clouds, which packs keep from commands, too. */
const METADATA =
  /^(?:169\.254\.169\.254|\[fd00:ec2::254\]|100\.100\.100\.200|168\.63\.129\.16)(?::\d+)?$/;

/** Why no entry is made of it; undefined: one may be. */
export function whyNotProposed(
  { right, name, refusal }: Pick<SeenUse, "right" | "name" | "refusal">,
  home: string,
): string | undefined {
  if (refusal !== undefined) return refusal;
  if (right === "connect" && METADATA.test(name)) return "a cloud answers there with credentials";
  if (right === "connect" || right === "listen") return undefined;
  if (name.length > LONGEST_NAME) return "the name is too long for an entry";
  if (!name.startsWith("/") && !(right === "unix" && name.startsWith("@")))
    return "it has no name in the file system";
  return guardedAs(right, name, home);
}

/** Names of installed files, among which there are no credentials. */
const looksPublic = (text: string): boolean => /^\/(?:usr|lib|lib64|etc|proc|sys|dev)\//.test(text);

const FOLDER = /(?:\/\*\*|\{,\/\*\*\})$/;
const folderOf = (text: string): string => text.replace(FOLDER, "");
