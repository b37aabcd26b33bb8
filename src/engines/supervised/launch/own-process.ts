/** What our own process was given at its start, as bytes: Node's own view of it loses what is not UTF-8. */
import { readFileSync } from "node:fs";
import { isOpen } from "../../../sys/index.ts";

/** By which bin/sct reports what Node has reset: a hexadecimal set as in /proc/PID/status. */
const IGNORED_SIGNALS = "SCT_IGNORED_SIGNALS";
const BLOCKED_SIGNALS = "SCT_BLOCKED_SIGNALS";
/** Likewise: the soft limit, which Node raises to the hard one; a number or `unlimited`. */
const OPEN_FILES = "SCT_OPEN_FILES";
/** Likewise: open descriptors. Node makes them close-on-exec, and opens the standard ones that are not open. */
const DESCRIPTORS = "SCT_DESCRIPTORS";
/** Likewise: variables that its shell has set by itself, and nobody before it. */
const ADDED = "SCT_ADDED";

/** The environment, one `NAME=value` each, without what is meant for us. */
export function ownEnvironment(): Buffer[] {
  const added = (process.env[ADDED] ?? "").split(" ");
  const ours = new Set([
    IGNORED_SIGNALS,
    BLOCKED_SIGNALS,
    OPEN_FILES,
    DESCRIPTORS,
    ADDED,
    ...added,
  ]);
  return splitNul(readFileSync("/proc/self/environ")).filter(
    (entry) => !ours.has(entry.toString("latin1").split("=", 1)[0] ?? ""),
  );
}

/** The last `count` arguments of our command line. */
export function lastArguments(count: number): Buffer[] {
  return splitNul(readFileSync("/proc/self/cmdline")).slice(-count);
}

function splitNul(bytes: Buffer): Buffer[] {
  const parts: Buffer[] = [];
  let start = 0;
  for (let end = bytes.indexOf(0); end >= 0; end = bytes.indexOf(0, start)) {
    parts.push(bytes.subarray(start, end));
    start = end + 1;
  }
  return parts;
}

export function environmentValue(environment: readonly Buffer[], name: string): Buffer | undefined {
  const prefix = `${name}=`;
  const entry = environment.find((one) => one.toString("latin1").startsWith(prefix));
  return entry?.subarray(prefix.length);
}

/**
 * Soft limit of open files before Node raised it to the hard one. Without bin/sct nothing remembers it but our parent,
 * which is nearly always where it came from. Undefined when that cannot be read, or when there was no limit.
 */
export function openFileLimit(): bigint | undefined {
  const given = process.env[OPEN_FILES];
  if (given !== undefined) return /^\d+$/.test(given) ? BigInt(given) : undefined;
  try {
    const limits = readFileSync(`/proc/${process.ppid}/limits`, "latin1");
    const [, soft] = /^Max open files +(\d+)/m.exec(limits) ?? [];
    return soft === undefined ? undefined : BigInt(soft);
  } catch {
    return undefined;
  }
}

const CAP_SETGID = 6n;
const CAP_SETUID = 7n;
const CAP_SYS_PTRACE = 19n;
const CAP_SYS_ADMIN = 21n;

/** Whether filters may be installed without giving up setuid programs. */
export function hasSysAdmin(): boolean {
  return hasAnyOf([CAP_SYS_ADMIN]);
}

/** Whether programs that we start can have the right to trace any process. */
export function mayTraceAll(): boolean {
  return hasAnyOf([CAP_SYS_PTRACE, CAP_SYS_ADMIN]);
}

/** Whether ids can change when a program is executed: by setuid programs, or the saved ones where they may differ. */
export function changesIdsByExecuting(): boolean {
  return hasAnyOf([CAP_SYS_ADMIN, CAP_SETUID, CAP_SETGID]) || hasDifferentIds();
}

function hasAnyOf(capabilities: readonly bigint[]): boolean {
  const [, caps = "0"] = /^CapEff:\s*([0-9a-f]+)/m.exec(ownStatus()) ?? [];
  return capabilities.some((one) => ((BigInt(`0x${caps}`) >> one) & 1n) === 1n);
}

function hasDifferentIds(): boolean {
  return [...ownStatus().matchAll(/^[UG]id:\s*(.*)$/gm)].some(
    ([, ids = ""]) => new Set(ids.split(/\s+/)).size > 1,
  );
}

function ownStatus(): string {
  return readFileSync("/proc/self/status", "latin1");
}

/** Signals that were ignored when we were started; bit n - 1 is signal n. */
export function inheritedIgnoredSignals(): bigint {
  return signalSet(IGNORED_SIGNALS);
}

/** Likewise, signals that were blocked. */
export function inheritedBlockedSignals(): bigint {
  return signalSet(BLOCKED_SIGNALS);
}

function signalSet(name: string): bigint {
  const set = process.env[name] ?? "";
  return /^[0-9a-f]{1,16}$/.test(set) ? BigInt(`0x${set}`) : 0n;
}

/** Open descriptors that we were given and that the command gets: those that bin/sct names, or the standard ones. */
export function inheritedDescriptors(): number[] {
  const given = process.env[DESCRIPTORS] ?? "0 1 2";
  return (given.match(/\b\d{1,7}\b/g) ?? []).map(Number).filter(isOpen);
}

/** Standard descriptors that were not open and are now. */
export function closedDescriptors(): number[] {
  const open = new Set(inheritedDescriptors());
  return [0, 1, 2].filter((fd) => !open.has(fd));
}
