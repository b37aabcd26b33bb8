/** What policies say of a connection: first of the name that is asked for, then of an address that it leads to. */
import { BlockList, isIP } from "node:net";
import { endpointText } from "../base/endpoint.ts";
import { decidingHost } from "../language/policy/host-name.ts";
import type { AddressEntry, ConnectList, HostEntry } from "./contract.ts";
import { isPublic } from "./public-address.ts";
import type { ProxyTarget } from "./target.ts";

/** A list that does not allow it, and why. */
export interface Objection {
  readonly list: ConnectList;
  readonly reason: string;
  /** What an entry would have to name; absent: what it has by `not` is for a person to change. */
  readonly lacks?: "target" | "address";
}

const LACKING = { reason: "not in connect", lacks: "target" } as const;

/** Entries of `connect` that would allow it. `address`: what it leads to, where that is known. */
export function lackingEntries(
  { lacks }: Pick<Objection, "lacks">,
  { host, port }: ProxyTarget,
  address: string | undefined,
): readonly string[] {
  if (lacks === undefined) return [];
  const own = lacks === "target" ? [host] : [];
  // a name alone leads to public addresses
  const isOpen = address === undefined || address === host || isPublic(address);
  return [...own, ...(isOpen ? [] : [address])].map((one) => endpointText(one, port));
}

/** What one list says of a target, before anything is looked up. */
type Opinion =
  | { readonly kind: "by name"; readonly entry: HostEntry }
  /** Its entries for addresses decide. */
  | { readonly kind: "by address" }
  | ({ readonly kind: "no" } & Omit<Objection, "list">);

function opinionOf({ hosts, addresses }: ConnectList, target: ProxyTarget): Opinion {
  if (target.kind === "address") return { kind: "by address" };
  const entry = decidingHost(hosts, target.host, target.port);
  if (entry?.negated === false) return { kind: "by name", entry };
  if (entry !== undefined) return { kind: "no", reason: `taken away by not "${entry.text}"` };
  // a lookup sends the name away: it is made for names that may be asked for alone
  const allowsAny = addresses.some(
    ({ negated, network, port }) =>
      !negated && network === undefined && (port === undefined || port === target.port),
  );
  return allowsAny || hosts.length === 0 ? { kind: "by address" } : { kind: "no", ...LACKING };
}

/** Of a request: what all lists say of its name. */
export class Judgement {
  readonly #opinions: readonly (readonly [ConnectList, Opinion])[];
  readonly #port: number;

  constructor(lists: readonly ConnectList[], target: ProxyTarget) {
    this.#opinions = lists.map((list) => [list, opinionOf(list, target)]);
    this.#port = target.port;
  }

  /** Lists that do not allow the name, whatever it leads to; those that deny come first. */
  objections(): readonly Objection[] {
    return sorted(
      this.#opinions.flatMap(([list, opinion]): Objection[] => {
        if (opinion.kind !== "no") return [];
        const { kind: _, ...rest } = opinion;
        return [{ list, ...rest }];
      }),
    );
  }

  /** Lists that do not allow the address. Those that object to the name have said all they have to. */
  objectionsTo(address: string): readonly Objection[] {
    return sorted(
      this.#opinions.flatMap(([list, opinion]): Objection[] => {
        if (opinion.kind === "no" || addressAllowed(list.addresses, address, this.#port)) return [];
        if (opinion.kind === "by address") return [{ list, ...LACKING }];
        if (isPublic(address)) return [];
        const reason = `leads to ${address}, which is not public and not in connect`;
        return [{ list, reason, lacks: "address" }];
      }),
    );
  }

  /** The first list with a name that fits, and that name; of one list alone where it is given. */
  entry(of?: ConnectList): { readonly list: ConnectList; readonly text: string } | undefined {
    for (const [list, opinion] of this.#opinions)
      if (opinion.kind === "by name" && (of === undefined || of === list))
        return { list, text: opinion.entry.text };
    return undefined;
  }
}

function sorted(objections: readonly Objection[]): readonly Objection[] {
  return objections.toSorted((a, b) => Number(b.list.denies) - Number(a.list.denies));
}

/** The last entry that fits decides. */
function addressAllowed(entries: readonly AddressEntry[], address: string, port: number): boolean {
  const last = entries.findLast(
    (entry) =>
      (entry.port === undefined || entry.port === port) &&
      (entry.network === undefined || networkOf(entry.network).check(address, familyOf(address))),
  );
  return last?.negated === false;
}

const familyOf = (address: string): "ipv4" | "ipv6" => (isIP(address) === 4 ? "ipv4" : "ipv6");

const networks = new Map<string, BlockList>();

function networkOf(text: string): BlockList {
  const known = networks.get(text);
  if (known !== undefined) return known;
  const list = new BlockList();
  const [address = "", prefix] = text.split("/");
  const family = familyOf(address);
  list.addSubnet(
    address,
    prefix === undefined ? (family === "ipv4" ? 32 : 128) : Number(prefix),
    family,
  );
  networks.set(text, list);
  return list;
}
