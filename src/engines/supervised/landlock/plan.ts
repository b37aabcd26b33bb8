/**
 * What Landlock holds of the policies among rules: a rule set of its own for each policy that denies, so that what one of them denies is
 * denied. Pure; the kernel comes later.
 */
import { EACCES } from "../../../base/linux-abi.ts";
import type { AllowedAddress, CheckedRule, PolicyPart } from "../../../language/checked/index.ts";
import { FILE_RIGHTS, FsRight, LandlockScope, NetRight, Since } from "./abi.ts";
import { type Grants, grantsOf } from "./grants.ts";
import { withLoaders } from "./loaders.ts";
import type { ExistingPlace, FindPlace } from "./place.ts";

export interface PathGrant {
  readonly place: ExistingPlace;
  readonly rights: bigint;
}

export interface PortGrant {
  readonly port: number;
  readonly rights: bigint;
}

/** A rule set of the kernel. */
export interface Layer {
  readonly policy: string;
  /** What is denied where nothing grants it. */
  readonly files: bigint;
  readonly ports: bigint;
  /** What does not reach processes outside of the command. */
  readonly scopes: bigint;
  readonly pathGrants: readonly PathGrant[];
  readonly portGrants: readonly PortGrant[];
}

/** How much of a rule Landlock decides. */
export type Holding =
  | { readonly by: "Landlock" }
  /** It denies a part of what the rule does. */
  | { readonly by: "both"; readonly why: string }
  | { readonly by: "rule"; readonly why: string };

export interface LandlockPlan {
  readonly layers: readonly Layer[];
  /** Of each rule that comes from a policy and denies. */
  readonly holdings: ReadonlyMap<CheckedRule, Holding>;
  /** Entries that lead to nothing, by policy. */
  readonly missing: readonly { readonly policy: string; readonly name: string }[];
}

const READ = FsRight.READ_FILE | FsRight.READ_DIR;
const NAMES =
  FsRight.REMOVE_DIR |
  FsRight.REMOVE_FILE |
  FsRight.MAKE_CHAR |
  FsRight.MAKE_DIR |
  FsRight.MAKE_REG |
  FsRight.MAKE_SOCK |
  FsRight.MAKE_FIFO |
  FsRight.MAKE_BLOCK |
  FsRight.MAKE_SYM;
const WRITE = FsRight.WRITE_FILE | FsRight.TRUNCATE | NAMES;
const RIGHTS = { read: READ, write: WRITE, execute: FsRight.EXECUTE } as const;
type FileRight = keyof typeof RIGHTS;
const FILE_LISTS = ["write", "read", "execute"] as const;

/** `version`: of the kernel's Landlock; 0: there is none. `proxyPort`: which all may connect to. */
export function planLandlock(
  rules: readonly CheckedRule[],
  version: number,
  find: FindPlace,
  proxyPort?: number,
): LandlockPlan {
  const plans = [...Map.groupBy(rules.filter(denies), ({ policy }) => policy?.policy ?? "")].map(
    ([policy, own], i) =>
      i < MOST_LAYERS
        ? planPolicy(policy, own, { version, find, proxyPort })
        : byRules(own, TOO_MANY),
  );
  return {
    layers: plans.flatMap(({ layer }) => layer ?? []),
    holdings: new Map(plans.flatMap(({ holdings }) => [...holdings])),
    missing: plans.flatMap(({ missing }) => missing),
  };
}

function denies({ policy, actions }: CheckedRule): boolean {
  return policy !== undefined && actions.some(({ type }) => type === "FAIL");
}

interface PolicyPlan {
  readonly layer: Layer | undefined;
  readonly holdings: ReadonlyMap<CheckedRule, Holding>;
  readonly missing: LandlockPlan["missing"];
}

/** LANDLOCK_MAX_NUM_LAYERS: of what one process is under. */
const MOST_LAYERS = 16;
const TOO_MANY = `Landlock holds ${MOST_LAYERS} policies at most`;

function byRules(rules: readonly CheckedRule[], why: string): PolicyPlan {
  const holdings = new Map(rules.map((rule) => [rule, { by: "rule", why } as const]));
  return { layer: undefined, holdings, missing: [] };
}

interface Machine {
  readonly version: number;
  readonly find: FindPlace;
  readonly proxyPort: number | undefined;
}

function planPolicy(
  policy: string,
  rules: readonly CheckedRule[],
  { version, find, proxyPort }: Machine,
): PolicyPlan {
  // older ones deny every link and rename into another folder
  if (version < Since.truncate) {
    const why =
      version === 0 ? "this kernel has no Landlock" : `Landlock is too old here (ABI ${version})`;
    return byRules(rules, why);
  }
  const parts = new Map(rules.map(({ policy: part }) => [part?.right, part]));
  const grants = fileGrants(parts, find);
  const ports = portsOf(parts, version, proxyPort);
  const scopes = scopesOf(parts, version);
  const rights = [...grants.keys()].reduce((all, right) => all | RIGHTS[right], 0n);
  const files = rights | FsRight.REFER;
  const pathGrants = [...grants].flatMap(([right, { places }]) =>
    places.map((place) => ({ place, rights: rightsOf(right, place) })),
  );
  // without a list of what may be written, names may move as they like
  if (!grants.has("write"))
    pathGrants.push({ place: { kind: "folder", real: "/" }, rights: FsRight.REFER });
  const missing = [...grants.values()].flatMap((one) => one.missing);
  return {
    layer: { policy, files, ports: ports.handled, scopes, pathGrants, portGrants: ports.grants },
    holdings: new Map(rules.map((rule) => [rule, holdingOf(rule, grants, { ports, scopes })])),
    missing: [...new Set(missing)].map((name) => ({ policy, name })),
  };
}

function rightsOf(right: FileRight, { kind }: ExistingPlace): bigint {
  const all = right === "write" ? WRITE | FsRight.REFER : RIGHTS[right];
  return kind === "folder" ? all : all & FILE_RIGHTS;
}

type Parts = ReadonlyMap<string | undefined, PolicyPart | undefined>;

function fileGrants(parts: Parts, find: FindPlace): ReadonlyMap<FileRight, Grants> {
  const grants = new Map<FileRight, Grants>();
  for (const right of FILE_LISTS) {
    const part = parts.get(right);
    if (part === undefined) continue;
    const writable = grants.get("write")?.places ?? [];
    const isWriting = right === "write";
    const files = right === "execute" ? withLoaders(part) : part.files;
    grants.set(right, grantsOf(files, { find, writable, isWriting }));
  }
  return grants;
}

/** Abstract sockets of others, where no entry allows one. */
function scopesOf(parts: Parts, version: number): bigint {
  const unix = parts.get("unix");
  if (version < Since.scopes || unix === undefined) return 0n;
  const isAllowed = unix.files.some(({ negated, text }) => !negated && text[0] === AT);
  return isAllowed ? 0n : LandlockScope.ABSTRACT_UNIX_SOCKET;
}

/** Begins names of abstract sockets. */
const AT = 0x40;

interface Ports {
  readonly handled: bigint;
  readonly grants: readonly PortGrant[];
}

/** Ports of TCP that no entry of a list has are denied. Addresses and other protocols are left to rules. */
function portsOf(parts: Parts, version: number, proxyPort: number | undefined): Ports {
  let handled = 0n;
  const grants: PortGrant[] = [];
  const lists = [
    ["connect", NetRight.CONNECT_TCP],
    ["listen", NetRight.BIND_TCP],
  ] as const;
  if (version < Since.tcp) return { handled, grants };
  for (const [right, bit] of lists) {
    const ports = portsAllowed(parts.get(right)?.addresses);
    if (ports === undefined) continue;
    handled |= bit;
    for (const port of ports) grants.push({ port, rights: bit });
    if (right === "connect" && proxyPort !== undefined && !ports.has(proxyPort))
      grants.push({ port: proxyPort, rights: bit });
  }
  return { handled, grants };
}

/** Undefined: any port is. */
function portsAllowed(
  addresses: readonly AllowedAddress[] | undefined,
): ReadonlySet<number> | undefined {
  const ports = new Set<number>();
  for (const { negated, port } of addresses ?? [{ negated: false }]) {
    if (negated) continue;
    if (port === undefined) return undefined;
    ports.add(port);
  }
  return ports;
}

function holdingOf(
  { policy, actions }: CheckedRule,
  grants: ReadonlyMap<FileRight, Grants>,
  { ports: { handled }, scopes }: { readonly ports: Ports; readonly scopes: bigint },
): Holding {
  if (policy === undefined) throw new Error("a rule of no policy");
  const { right, aspect } = policy;
  const list = isFileRight(right) ? grants.get(right) : undefined;
  if (right === "unix" && scopes !== 0n)
    return { by: "both", why: "Landlock knows abstract unix sockets of others, no names of files" };
  if (list === undefined) {
    const bit =
      right === "connect" ? NetRight.CONNECT_TCP : right === "listen" ? NetRight.BIND_TCP : 0n;
    return (handled & bit) !== 0n && aspect === "network"
      ? { by: "both", why: "Landlock knows ports of TCP, no addresses and no other protocol" }
      : { by: "rule", why: WITHOUT[right] ?? "Landlock knows no addresses" };
  }
  if (right === "execute")
    return { by: "both", why: list.inexact ?? "Landlock lets files in memory be executed" };
  if (list.inexact !== undefined) return { by: "both", why: list.inexact };
  const errno = actions.find((action) => action.type === "FAIL");
  if (errno?.type === "FAIL" && errno.errno !== EACCES)
    return { by: "both", why: "Landlock fails calls with EACCES only" };
  return { by: "Landlock" };
}

function isFileRight(right: string): right is FileRight {
  return Object.hasOwn(RIGHTS, right);
}

/** Why Landlock has no part in a right. */
const WITHOUT: Readonly<Record<string, string>> = {
  attributes: "Landlock has no right for attributes",
  unix: "Landlock knows no names of unix sockets",
};
