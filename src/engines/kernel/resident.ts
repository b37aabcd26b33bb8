/**
 * The kernel engine for a service: programs, links and maps are pinned, so rules go on acting when the service
 * dies, and the next one takes over rules, counters and unread events. Rule sets are swapped in one store: the
 * new one is loaded beside the old one, then the control map names it, then the old one is detached.
 *
 * One process at a time may hold an engine of a directory; a lock is the owner's business.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { Diagnostic } from "../../base/diagnostic.ts";
import {
  attachRawTracepoint,
  type BpfMap,
  LoadAbortedError,
  loadProgram,
  mapInfo,
  possibleCpus,
  RingBuffer,
  requireVmlinuxBtf,
} from "../../bpf/index.ts";
import { MapName, sitesOf, turnProgram } from "../../compiler/index.ts";
import type { CheckedRule } from "../../language/index.ts";
import { MachineError } from "../../sys/index.ts";
import type { EngineCounters, RuleCounters } from "../engine.ts";
import { findOwner, readControl, writeControl } from "./control.ts";
import { DEFAULT_RING_BYTES } from "./engine.ts";
import { findHolders, findPins, type Held, type Holder } from "./holders.ts";
import { takeOver } from "./load.ts";
import type { LoadResult } from "./loading/compile-and-open.ts";
import { DEFAULT_DEADLINE_MS, type LoadRules } from "./loading/load.ts";
import { closeObjects } from "./loading/objects.ts";
import type { LoadProgress } from "./loading/progress.ts";
import { loadInThread } from "./loading/thread.ts";
import {
  type Generation,
  hasManifest,
  readManifests,
  readNow,
  removeManifest,
  writeManifest,
} from "./manifest.ts";
import { describeMissing, type Pinned, pinAgain } from "./missing-pins.ts";
import { KernelNote } from "./note.ts";
import {
  hasEarlier,
  makePinDir,
  notePin,
  pinnedGenerations,
  removePins,
  unpinEarlier,
  unpinGeneration,
} from "./pins.ts";
import { adoptRules, LiveRules, manifestOf } from "./resident-rules.ts";
import { openShared } from "./shared-maps.ts";
import { writeGenerationInForce } from "./suspended.ts";

type OnRetired = (generation: number, rules: readonly RuleCounters[]) => void;

/** How long programs that run get to end, and the rule set before stays attached after a swap. */
const GRACE_MS = 100;

export interface ResidentOptions {
  /** Directory of the pins in bpffs; made if it is not there. */
  readonly pinDir: string;
  /** Directory for what must be known of pinned rules; it should not outlive the boot. */
  readonly runDir: string;
  /** Bytes of the event ring where none is pinned; a power of two of whole pages. */
  readonly ringBytes?: number;
  /** How rules are loaded; default: in a thread of their own. */
  readonly load?: LoadRules;
}

export type ReplaceResult =
  | { readonly ok: true; readonly generation: Generation }
  /** The rules before stay in force. */
  | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] };

/** Other programs hold what must be gone. */
export class BusyError extends MachineError {
  readonly code = "busy";
  readonly holders: readonly Holder[];

  constructor(holders: readonly Holder[], pins: readonly string[]) {
    const all = [
      ...holders.map(({ pid, comm }) => `process ${pid} (${comm})`),
      ...pins.map((path) => `the pin ${path}`),
    ];
    super("Device or resource busy", `The rules' maps or programs are held by ${all.join(", ")}`);
    this.holders = holders;
  }
}

/** A load that lasts. */
export interface Loading {
  /** Rules of the set. */
  readonly rules: number;
  /** On the clock of performance.now(). */
  readonly sinceMs: number;
  /** Undefined: its thread has not begun. */
  readonly progress: LoadProgress | undefined;
}

/** Its lock is gone, perhaps with its directory, and it is not: two would share one ring, and have each event twice. */
export class OwnedError extends MachineError {
  readonly code = "running";

  constructor(pid: number) {
    super(
      `the service is running already (process ${pid}), and its lock was removed`,
      `It makes its lock again within seconds. If it does not, end it with 'kill ${pid}': its rules go on acting, and 'sct load' takes them over`,
    );
  }
}

export class ResidentEngine {
  /** Positions in the ring are comparable only for the same id. */
  readonly ringId: string;
  /** For the owner to read with `copyAvailable(…, true)`, `release` and `seek`. */
  readonly ring: RingBuffer;
  /** For the owner, and its successor after a kill. */
  readonly note: KernelNote;
  /** Rules were in force already. */
  readonly hasTakenOver: boolean;
  /** Events of a version before that cannot be read; undefined: there are none. */
  readonly leftUnread: string | undefined;
  readonly #options: ResidentOptions;
  readonly #shared: ReadonlyMap<string, BpfMap>;
  /** In force last; before it those whose records may still be in the ring. */
  readonly #generations: { readonly generation: Generation; end: number }[] = [];
  #live: LiveRules | undefined;
  /** In force; 0: none is. */
  #number: number;
  /** Highest number that a rule set of this ring had. */
  #lastNumber: number;
  #nextSite: number;
  #unfinished: string | undefined;
  #isClosed = false;
  #loading: (Loading & { readonly abort: AbortController }) | undefined;
  /** Rules that are not loaded within this time are refused. */
  deadlineMs = DEFAULT_DEADLINE_MS;

  /** Makes pins, or takes over what is pinned. Throws MachineError: privilege, kernel, bpffs. */
  static open(options: ResidentOptions): ResidentEngine {
    return new ResidentEngine(options);
  }

  private constructor(options: ResidentOptions) {
    this.#options = options;
    requireVmlinuxBtf();
    // now: later there may be no descriptor to read it by, and counters need it
    possibleCpus();
    const { pinDir, runDir, ringBytes = DEFAULT_RING_BYTES } = options;
    makePinDir(pinDir);
    const { maps, isNew, leftUnread } = openShared(pinDir, ringBytes);
    this.#shared = maps;
    this.leftUnread = leftUnread;
    let ring: RingBuffer | undefined;
    let note: KernelNote | undefined;
    try {
      note = KernelNote.open(notePin(pinDir));
      this.note = note;
      const owner = findOwner(this.#control);
      if (owner !== undefined) throw new OwnedError(owner);
      const { generation: number, nextSite } = readControl(this.#control);
      this.#number = number;
      this.#nextSite = nextSite;
      this.hasTakenOver = !isNew && this.#number > 0;
      ring = RingBuffer.open(this.#map(MapName.events));
      this.ring = ring;
      this.ringId = `${bootId()}-${mapInfo(this.#map(MapName.events)).id}`;
      this.#takeOverManifests(isNew);
      this.#lastNumber = Math.max(number, this.generations.at(-1)?.generation ?? 0);
      this.#live = number > 0 ? adoptRules(pinDir, runDir, number, maps) : undefined;
      this.#writeControl(process.pid);
    } catch (error) {
      ring?.close();
      note?.close();
      for (const map of maps.values()) map.close();
      throw error;
    }
  }

  /** Those whose records may be in the ring, the one in force last. */
  get generations(): readonly Generation[] {
    return this.#generations.map(({ generation }) => generation);
  }

  /** Rules act that cannot be accounted for, since what was written of them is gone: they do until `replace` or `unload`. */
  get hasUnknownRules(): boolean {
    return this.#number > 0 ? this.#live === undefined : hasEarlier(this.#options.pinDir);
  }

  /** What of the last swap is left to be done, with the next one; undefined: nothing is. */
  get unfinished(): string | undefined {
    return this.#unfinished;
  }

  /** Somebody has removed pins of the rules in force; undefined: they are there. */
  get unpinned(): string | undefined {
    return this.#loading === undefined ? describeMissing(this.#pinned) : undefined;
  }

  /** What keeps the rules in force up to date with files and cannot do so now. */
  get outdated(): readonly string[] {
    return this.#live?.problems() ?? [];
  }

  get #pinned(): Pinned {
    const { pinDir } = this.#options;
    return { pinDir, shared: this.#shared, note: this.note, live: this.#live };
  }

  /** Writes again what the next process must know of the rules in force, where that was removed. True: it was. Throws ManifestError. */
  describeAgain(): boolean {
    const { runDir } = this.#options;
    if (this.#live === undefined || hasManifest(runDir, this.#number)) return false;
    writeManifest(runDir, this.#live.manifest);
    return true;
  }

  /** The rules in force. */
  get current(): Generation | undefined {
    return this.#live?.manifest.generation;
  }

  /** The rule set that is being loaded. */
  get loading(): Loading | undefined {
    return this.#loading;
  }

  /** Ends the load that lasts, if one does; `replace` throws a LoadAbortedError then. */
  abortLoading(): void {
    this.#loading?.abort.abort();
  }

  /**
   * Removes rule sets that are pinned and not in force. Of those that were, `onRetired` is given the last numbers before: the
   * process that swapped them died in between. `replace` begins with it.
   */
  retireOthers(onRetired: OnRetired = () => {}): void {
    const { pinDir, runDir } = this.#options;
    for (const number of pinnedGenerations(pinDir)) {
      const wasInForce = this.#number === 0 || number < this.#number;
      if (!wasInForce) continue;
      const rules = adoptRules(pinDir, runDir, number, this.#shared);
      if (rules === undefined) continue;
      try {
        onRetired(number, rules.counters().rules);
      } finally {
        rules.close();
      }
    }
    this.#unpinOthers();
    this.#forget();
  }

  /**
   * Swaps the rule set; an empty one is a rule set too. Each call is judged by one of the two sets (control.ts).
   * Throws MachineError, LoadAbortedError; the rules before stay in force then, too. `onRetired` is given the last
   * numbers of those before, when no call is judged by them any more.
   */
  async replace(
    rules: readonly CheckedRule[],
    source: string,
    onRetired: OnRetired = () => {},
  ): Promise<ReplaceResult> {
    this.retireOthers(onRetired);
    const { pinDir, runDir } = this.#options;
    const number = this.#lastNumber + 1;
    const firstSite = this.#nextSite;
    const result = await this.#load(rules, { generation: number, firstSite });
    if (!result.ok) return result;
    const { facts, objects } = result;
    const loaded = takeOver(facts, objects, this.#shared);
    const generation: Generation = {
      generation: number,
      loadedAtMs: Date.now(),
      source,
      rules,
      firstSite,
      sites: sitesOf(rules),
      notices: [...facts.notices, ...loaded.notices],
    };
    const manifest = manifestOf(generation, facts);
    const live = new LiveRules(manifest, loaded);
    const last = this.#generations.at(-1);
    const before = this.#live;
    try {
      pinAgain(this.#pinned);
      live.pin(pinDir);
      writeManifest(runDir, manifest);
      // a set without rules has a number of its own, too: no two sets of a ring ever begin at the same one
      this.#nextSite = firstSite + Math.max(1, generation.sites.length);
      // known before its first record is in the ring
      this.#generations.push({ generation, end: Number.POSITIVE_INFINITY });
      await this.#putInForce(number, () => {
        this.#live = live;
      });
    } catch (error) {
      if (this.#generations.at(-1)?.generation === generation) this.#generations.pop();
      live.close();
      unpinGeneration(pinDir, number);
      removeManifest(runDir, number);
      throw error;
    }
    // closed meanwhile: what is pinned and not in force goes with the next start
    if (this.#live !== live) live.close();
    this.#lastNumber = number;
    if (last !== undefined && !this.#isClosed) last.end = this.ring.end;
    this.#finishSwap(() => {
      if (this.#live === live && before !== undefined)
        onRetired(before.manifest.generation.generation, before.counters().rules);
      if (this.#isClosed) return;
      this.#unpinOthers();
      this.#forget();
    });
    if (this.#live === live) before?.close();
    return { ok: true, generation };
  }

  /**
   * The new rules act, whatever goes wrong from here on: what is left of those before is for the next swap or start, which
   * finds it pinned.
   */
  #finishSwap(act: () => void): void {
    try {
      act();
      this.#unfinished = undefined;
    } catch (error) {
      this.#unfinished = `what is left of the rules before could not be taken away yet: ${(error as Error).message}`;
    }
  }

  /** Of the rules in force, since they were loaded. The reader's losses are the owner's to count. */
  counters(): EngineCounters {
    const counters = this.#live?.counters();
    return { rules: [], recursionMisses: 0, ...counters, readerDropped: 0 };
  }

  async #load(
    rules: readonly CheckedRule[],
    which: { readonly generation: number; readonly firstSite: number },
  ): Promise<LoadResult> {
    const { load = loadInThread } = this.#options;
    const abort = new AbortController();
    const begun = { rules: rules.length, sinceMs: performance.now(), abort };
    const tell = (progress: LoadProgress | undefined): void => {
      this.#loading = { ...begun, progress };
    };
    tell(undefined);
    try {
      const options = { ...which, ringBytes: this.ring.size, reportsCaller: true };
      const result = await load(rules, options, this.#shared, {
        deadlineMs: this.deadlineMs,
        signal: abort.signal,
        onProgress: tell,
      });
      // too late to be told
      if (result.ok && abort.signal.aborted) {
        closeObjects(result.objects);
        throw new LoadAbortedError("The rules are not loaded");
      }
      return result;
    } finally {
      this.#loading = undefined;
      if (this.#isClosed) this.#closeShared();
    }
  }

  /** Lets go of everything; rules go on acting in the kernel. */
  close(): void {
    if (this.#isClosed) return;
    // our number may be given to another process
    this.#writeControl(0);
    this.#release();
  }

  /**
   * Detaches and removes everything; `beforeRemoval` runs when no more events come and the ring is still there.
   * Throws BusyError, and changes nothing, while another program or pin holds a part of it.
   */
  unload(beforeRemoval: () => void = () => {}): void {
    const { pinDir, runDir } = this.#options;
    const maps = [...this.#shared.values(), ...(this.#live?.ownMaps() ?? [])];
    const held: Held = {
      mapIds: new Set(maps.map((map) => mapInfo(map).id)),
      programIds: new Set(this.#live?.programIds()),
    };
    const holders = findHolders(held);
    const pins = findPins(held, pinDir);
    if (holders.length + pins.length > 0) throw new BusyError(holders, pins);
    // no rules from here on: what is in the ring then is all there will be
    this.#number = 0;
    this.#writeControl(0);
    beforeRemoval();
    this.#release();
    removePins(pinDir);
    for (const { generation } of readManifests(runDir))
      removeManifest(runDir, generation.generation);
  }

  get #control(): BpfMap {
    return this.#map(MapName.control);
  }

  #map(name: string): BpfMap {
    const map = this.#shared.get(name);
    if (map === undefined) throw new Error(`map ${name} was not made`);
    return map;
  }

  #takeOverManifests(isNew: boolean): void {
    const { runDir } = this.#options;
    for (const { generation } of readManifests(runDir)) {
      // one that was never put in force has no records; where none is in force, rules were being taken away
      const isFuture = this.#number > 0 && generation.generation > this.#number;
      if (isNew || isFuture) removeManifest(runDir, generation.generation);
      else this.#generations.push({ generation, end: this.ring.end });
    }
  }

  /** Generations whose last record was read need not be known any more. */
  #forget(): void {
    for (let oldest = this.#generations[0]; oldest !== undefined; oldest = this.#generations[0]) {
      const { generation } = oldest.generation;
      // no later one has its number, also where a process died that took away rules
      if (generation === this.#lastNumber || oldest.end > this.ring.position) return;
      removeManifest(this.#options.runDir, generation);
      this.#generations.shift();
    }
  }

  /**
   * Calls are judged by the generation `number` from the moment that `onTurn` is called; when it returns, those that
   * the one before had begun to judge have had time to reach their hooks. Throws before the turn only.
   */
  async #putInForce(number: number, onTurn: () => void): Promise<void> {
    const before = this.#number;
    const turn = (transition: { transition?: number; entering?: number }): void => {
      this.#number = number;
      try {
        this.#writeControl(process.pid, transition);
      } catch (error) {
        this.#number = before;
        throw error;
      }
      onTurn();
    };
    if (before === 0) return turn({});
    using program = loadProgram(
      { name: "sct_turn", type: "raw_tracepoint", code: turnProgram() },
      { maps: this.#shared },
    );
    using _link = attachRawTracepoint(program, "sys_exit");
    const write = (transition: number, entering: number): void =>
      this.#writeControl(process.pid, { transition, entering });
    write(0, before);
    try {
      write(number, before);
      await sleep(GRACE_MS);
      if (this.#isClosed) return;
      turn({ transition: number, entering: number });
    } catch (error) {
      // as it was; what cannot be written now is written by the next swap or start
      this.#finishSwap(() => write(0, before));
      throw error;
    }
    await sleep(GRACE_MS);
    this.#finishSwap(() => {
      if (!this.#isClosed) write(0, number);
    });
  }

  #writeControl(
    selfPid: number,
    transition: { transition?: number; entering?: number } = {},
  ): void {
    const generation = this.#number;
    writeGenerationInForce(this.#map(MapName.suspended), generation);
    // last: it is what decides, and what throws before it has changed nothing
    writeControl(this.#control, { generation, selfPid, nextSite: this.#nextSite, ...transition });
  }

  /** What is not in force: the rule set before, or what a process left that died while it swapped. */
  #unpinOthers(): void {
    const { pinDir } = this.#options;
    for (const number of pinnedGenerations(pinDir))
      if (number !== this.#number) unpinGeneration(pinDir, number);
    // those of another version act until others do
    if (this.#number > 0 && hasEarlier(pinDir)) unpinEarlier(pinDir);
  }

  #release(): void {
    this.#isClosed = true;
    this.abortLoading();
    this.ring.close();
    this.note.close();
    this.#live?.close();
    // another thread may have their numbers still
    if (this.#loading === undefined) this.#closeShared();
  }

  #closeShared(): void {
    for (const map of this.#shared.values()) map.close();
  }
}

function bootId(): string {
  return readNow("/proc/sys/kernel/random/boot_id").toString("latin1").trim();
}
