/**
 * The queue of processes that SUSPEND rules have stopped, as it lies in the kernel (src/compiler/emit/suspended.ts): it is
 * there for rules that are watched, of a service, and pinned without a process alike.
 */

import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { EPERM, TICK_NS } from "../../base/linux-abi.ts";
import { type BpfMap, findMaps, UpdateFlag } from "../../bpf/index.ts";
import {
  type CompiledRules,
  isSuspending,
  MapName,
  SUSPENDED_MAP,
  SuspendedFlag,
  SuspendedOffset,
} from "../../compiler/index.ts";
import type { Abi } from "../../language/index.ts";
import { compatTest } from "../../linux/index.ts";
import { SyscallError } from "../../sys/index.ts";
import { bootTimeNs } from "../context/index.ts";

export interface SuspendedThread {
  readonly pid: number;
  readonly tid: number;
  /** Of the process. */
  readonly comm: string;
  readonly uid: number;
  readonly rule: string;
  readonly nr: number;
  readonly abi: Abi;
  /** How long it has been waiting. */
  readonly waitedNs: bigint;
  /** How long it waits at most; undefined: for ever. */
  readonly timeoutNs: bigint | undefined;
  /** The rule acts after the call here: it cannot fail any more. */
  readonly isCallDone: boolean;
}

export type SuspendedAnswer = "resume" | "fail" | "kill";

/** A signal reaches its process at once; this is for machines under load. */
const STOPPING_NS = 2_000_000_000n;
const STOPPING_POLL_MS = 10;
const TIMEOUT_POLL_MS = 250;
const MAX_NAME = SUSPENDED_MAP.valueSize;

interface Entry extends SuspendedThread {
  readonly map: BpfMap;
  readonly key: Uint8Array;
  readonly value: DataView<ArrayBuffer>;
}

/** Lists and decides. Throws SyscallError without privilege. */
export class SuspendedQueue {
  readonly #maps: readonly BpfMap[];

  /** All queues of the machine, or the given ones, which stay the caller's. */
  constructor(maps?: readonly BpfMap[]) {
    this.#maps = maps ?? findMaps(SUSPENDED_MAP);
  }

  /** Waiting threads, longest first. What does not wait any more is taken out of the queue. */
  list(): readonly SuspendedThread[] {
    return this.#entries();
  }

  /** Queues that take no more: there, processes stop without being listed. */
  get isFull(): boolean {
    return this.#maps.some((map) => [...map.keys()].length >= SUSPENDED_MAP.maxEntries);
  }

  /**
   * Decides for all waiting threads of a process, which continue together. Returns why that cannot be; undefined: done.
   */
  async decide(pid: number, decision: SuspendedAnswer): Promise<string | undefined> {
    let mine = this.#of(pid);
    // made to continue before it has stopped, it would stop all the same
    while (mine.some(({ tid, waitedNs }) => !isStopped(tid) && waitedNs < STOPPING_NS)) {
      await sleep(STOPPING_POLL_MS);
      mine = this.#of(pid);
    }
    if (mine.length === 0) return "it is not suspended";
    if (decision === "fail") {
      if (mine.some(({ isCallDone }) => isCallDone)) return "its call has been made already";
      if (mine.some(isOutdated))
        return "its rules have been replaced: those in force now judge its call when it continues";
      for (const { map, key, value } of mine) {
        value.setUint32(SuspendedOffset.decision, EPERM, true);
        map.update(key, new Uint8Array(value.buffer), UpdateFlag.BPF_EXIST);
      }
    }
    for (const { map, key, isCallDone } of mine)
      if (isCallDone || decision === "kill") map.delete(key);
    process.kill(pid, decision === "kill" ? "SIGKILL" : "SIGCONT");
    return undefined;
  }

  /** Lets those continue whose time is over. */
  resumeOverdue(): void {
    const overdue = this.#entries().filter(
      ({ timeoutNs, waitedNs, tid }) =>
        timeoutNs !== undefined && waitedNs >= timeoutNs && isStopped(tid),
    );
    for (const { pid, map, key, isCallDone } of overdue) {
      if (isCallDone) map.delete(key);
      try {
        process.kill(pid, "SIGCONT");
      } catch {
        // it has ended meanwhile
      }
    }
  }

  close(): void {
    for (const map of this.#maps) map.close();
  }

  #of(pid: number): readonly Entry[] {
    return this.#entries().filter((entry) => entry.pid === pid || entry.tid === pid);
  }

  #entries(): Entry[] {
    const now = bootTimeNs();
    return this.#maps
      .flatMap((map) => entriesOf(map, now))
      .sort((x, y) => (x.waitedNs > y.waitedNs ? -1 : 1));
  }
}

function entriesOf(map: BpfMap, now: bigint): Entry[] {
  const found: Entry[] = [];
  for (const key of [...map.keys()]) {
    const { tid, generation } = readKey(key);
    const bytes = generation === 0 && tid !== 0 ? map.lookup(key) : undefined;
    if (bytes === undefined) continue;
    const value = new DataView(bytes.buffer);
    const u64 = (offset: number): bigint => value.getBigUint64(offset, true);
    const u32 = (offset: number): number => value.getUint32(offset, true);
    const waitedNs = now - u64(SuspendedOffset.since);
    const task = readTask(tid);
    const isSame = task?.startTicks === u64(SuspendedOffset.start) / BigInt(TICK_NS);
    const isRunning = !isStopped(tid);
    // its call has not been made again yet, perhaps a signal handler runs before: it will find the decision
    if (isRunning && isSame && u32(SuspendedOffset.decision) !== 0) continue;
    if (task === undefined || !isSame || (isRunning && waitedNs >= STOPPING_NS)) {
      map.delete(key);
      continue;
    }
    const timeoutNs = u64(SuspendedOffset.timeoutNs);
    const flags = u32(SuspendedOffset.flags);
    found.push({
      map,
      key,
      value,
      tid,
      pid: u32(SuspendedOffset.tgid),
      comm: task.comm,
      uid: task.uid,
      rule: ruleName(map, value),
      nr: value.getUint32(SuspendedOffset.nr, true),
      abi: (flags & SuspendedFlag.i386) === 0 ? compatTest.clear : compatTest.set,
      waitedNs,
      timeoutNs: timeoutNs === 0n ? undefined : timeoutNs,
      isCallDone: (flags & SuspendedFlag.callDone) !== 0,
    });
  }
  return found;
}

function readKey(key: Uint8Array): { tid: number; generation: number } {
  const view = new DataView(key.buffer, key.byteOffset);
  return { tid: view.getUint32(0, true), generation: view.getUint32(4, true) };
}

function nameKey(generation: number, rule: number): Uint8Array {
  const key = Buffer.alloc(SUSPENDED_MAP.keySize);
  key.writeUInt32LE(rule, 0);
  key.writeUInt32LE(generation, 4);
  return key;
}

function ruleName(map: BpfMap, value: DataView): string {
  const generation = value.getUint32(SuspendedOffset.generation, true);
  const name = map.lookup(nameKey(generation, value.getUint32(SuspendedOffset.rule, true)));
  if (name === undefined) return "?";
  const end = name.indexOf(0);
  return Buffer.from(end < 0 ? name : name.subarray(0, end)).toString("utf8");
}

interface Task {
  readonly state: string;
  readonly startTicks: bigint;
  readonly comm: string;
  readonly uid: number;
}

/** Undefined: there is no such thread. */
function readTask(tid: number): Task | undefined {
  try {
    const stat = readFileSync(`/proc/${tid}/stat`, "latin1");
    const open = stat.indexOf("(");
    const close = stat.lastIndexOf(")");
    const fields = stat.slice(close + 2).split(" ");
    return {
      comm: Buffer.from(stat.slice(open + 1, close), "latin1").toString("utf8"),
      state: fields[0] ?? "",
      startTicks: BigInt(fields[19] ?? 0),
      uid: realUid(tid),
    };
  } catch {
    return undefined;
  }
}

/** Not the owner of its directory: that is root for a process that may not be looked into. */
function realUid(tid: number): number {
  const [, uid] = /^Uid:\s*(\d+)/m.exec(readFileSync(`/proc/${tid}/status`, "latin1")) ?? [];
  if (uid === undefined) throw new Error(`/proc/${tid}/status names no user`);
  return Number(uid);
}

function isStopped(tid: number): boolean {
  const state = readTask(tid)?.state;
  return state === "T" || state === "t";
}

const IN_FORCE_KEY = new Uint8Array(SUSPENDED_MAP.keySize);

/** Says which rule set judges calls from now on; 0: none. A queue that is never given one has only one. */
export function writeGenerationInForce(map: BpfMap, generation: number): void {
  const value = new DataView(new ArrayBuffer(SUSPENDED_MAP.valueSize));
  value.setUint32(SuspendedOffset.generation, generation, true);
  map.update(IN_FORCE_KEY, new Uint8Array(value.buffer));
}

/** The rules that stopped it do not judge its call when it is made again. */
function isOutdated({ map, value }: Entry): boolean {
  const inForce = map.lookup(IN_FORCE_KEY);
  if (inForce === undefined) return false;
  const generation = new DataView(inForce.buffer, inForce.byteOffset).getUint32(
    SuspendedOffset.generation,
    true,
  );
  return generation !== value.getUint32(SuspendedOffset.generation, true);
}

/** Puts the names of rules that suspend into their queue; those of rule sets that nobody waits for go. */
export function writeRuleNames(map: BpfMap, { rules, generation }: CompiledRules): void {
  const used = new Set<number>();
  const names: Uint8Array[] = [];
  for (const key of map.keys()) {
    const read = readKey(key);
    const value = read.generation === 0 ? map.lookup(key) : undefined;
    if (read.generation > 0) names.push(key);
    else if (value !== undefined && read.tid !== 0)
      used.add(new DataView(value.buffer).getUint32(SuspendedOffset.generation, true));
  }
  for (const key of names) {
    const { generation: old } = readKey(key);
    // the set before is still in force while this one is loaded
    if (old < generation - 1 && !used.has(old)) map.delete(key);
  }
  rules.forEach((rule, index) => {
    if (!isSuspending(rule)) return;
    const value = new Uint8Array(MAX_NAME);
    new TextEncoder().encodeInto(rule.name, value);
    map.update(nameKey(generation, index), value);
  });
}

/** What the machine refuses now is tried again in a moment. */
function resumeQuietly(queue: SuspendedQueue): void {
  try {
    queue.resumeOverdue();
  } catch (error) {
    if (!(error instanceof SyscallError)) throw error;
  }
}

/** Carries out timeouts of a rule set for as long as this process lives; returns what ends that. */
export function carryOutTimeouts(maps: ReadonlyMap<string, BpfMap>): () => void {
  const map = maps.get(MapName.suspended);
  if (map === undefined) return () => {};
  const queue = new SuspendedQueue([map]);
  const timer = setInterval(() => resumeQuietly(queue), TIMEOUT_POLL_MS).unref();
  return () => clearInterval(timer);
}
