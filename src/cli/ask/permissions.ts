/** What somebody who was asked has allowed, or refused, since the run began. */
import type { DeniedUse, Permissions } from "../../engines/supervised/index.ts";
import {
  type AllowedAddress,
  type AllowedFile,
  type CheckedRule,
  decidingAddress,
  decidingFile,
  type PolicyPart,
} from "../../language/index.ts";
import { EACCES, EPERM } from "../../sys/index.ts";
import { isOwnRule } from "./own-policy.ts";

/** Entries for a list of a policy. */
export interface AskedEntries {
  readonly files: readonly AllowedFile[];
  readonly addresses: readonly AllowedAddress[];
}

interface Grant extends AskedEntries {
  /** Milliseconds of Date.now(). */
  readonly until: number;
}

type List = Pick<PolicyPart, "policy" | "right">;

export class AskedPermissions implements Permissions {
  readonly #grants = new Map<string, Grant[]>();
  /** Of rules that belong to no policy, and of calls that are not asked about again. */
  readonly #allowed = new Set<string>();
  readonly #refused = new Set<string>();

  /** Rules that deny, and not those that stand for a failing machine. */
  isAsked(rule: CheckedRule): boolean {
    const { policy, actions, frequency, when } = rule;
    if (isOwnRule(rule)) return false;
    const [fails] = actions.filter(({ type }) => type === "FAIL");
    if (when !== "before" || fails?.type !== "FAIL") return false;
    if (policy !== undefined) return true;
    const isAlone = actions.every(({ type }) => type === "FAIL" || type === "LOG");
    const denies = fails.errno === EACCES || fails.errno === EPERM;
    return isAlone && denies && frequency === undefined;
  }

  permits(use: DeniedUse): boolean {
    return use.rule.policy === undefined
      ? this.#allowed.has(keyOf(use))
      : this.lacking(use).length === 0;
  }

  /** Of the names of a use, those that neither the policy nor anybody allows; `more`: nor these entries. */
  lacking({ rule: { policy: part }, names }: DeniedUse, more?: AskedEntries): readonly string[] {
    if (part === undefined) return names;
    const now = Date.now();
    const held: readonly AskedEntries[] = this.#grantsFor(part).filter(({ until }) => until > now);
    const grants = more === undefined ? held : [...held, more];
    return names.filter((name) => !isAllowed(part, name, grants));
  }

  isRefused(use: DeniedUse): boolean {
    return this.#refused.has(keyOf(use));
  }

  refuse(use: DeniedUse): void {
    this.#refused.add(keyOf(use));
  }

  /** A use of a rule that belongs to no policy. */
  allowUse(use: DeniedUse): void {
    this.#allowed.add(keyOf(use));
  }

  /** `until`: milliseconds of Date.now(). */
  allow(list: List, entries: AskedEntries, until = Number.POSITIVE_INFINITY): void {
    this.#grantsFor(list).push({ ...entries, until });
  }

  #grantsFor({ policy, right }: List): Grant[] {
    const key = `${policy} ${right}`;
    const known = this.#grants.get(key) ?? [];
    this.#grants.set(key, known);
    return known;
  }
}

const keyOf = ({ rule, call, names }: DeniedUse): string => [rule.name, call, ...names].join("\0");

/** What the policy takes away by `not` is given back by its own name alone. */
function isAllowed(part: PolicyPart, name: string, grants: readonly AskedEntries[]): boolean {
  const files = grants.flatMap((grant) => grant.files);
  const addresses = grants.flatMap((grant) => grant.addresses);
  if (part.right === "connect" || part.right === "listen") {
    const own = decidingAddress(part.addresses, name);
    if (own?.negated === false) return true;
    const given =
      own === undefined
        ? addresses
        : addresses.filter(({ network = "/", port }) => port !== undefined && !/\//.test(network));
    return decidingAddress(given, name) !== undefined;
  }
  const isNames = part.aspect === "names";
  const counts = ({ form }: AllowedFile): boolean => !isNames || form !== "name";
  const own = decidingFile(part.files.filter(counts), name, !isNames);
  if (own?.negated === false) return true;
  const given = own === undefined ? files.filter(counts) : files.filter(isOneName);
  return decidingFile(given, name, !isNames && own === undefined) !== undefined;
}

/** It stands for one file, as `"/srv/a"` and `"/srv/a{,}"` do. */
function isOneName({ form, text }: AllowedFile): boolean {
  const pattern = Buffer.from(text)
    .toString("latin1")
    .replace(/\{,\}$/, "");
  return form === "name" || (form === "pattern" && !/(?<!\\)[*?[{]/.test(pattern));
}
