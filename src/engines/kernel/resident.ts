import { setImmediate as nextTurn } from "node:timers/promises";
import {
  type BpfMap,
  LoadAbortedError,
  possibleCpus,
  RingBuffer,
  requireVmlinuxBtf,
} from "../../bpf/index.ts";
import { MapName, sitesOf } from "../../compiler/index.ts";
import type { Site } from "../../events/site.ts";
import type { CheckedRule, CountTable } from "../../language/index.ts";
import type { Engine, EngineCounters, RecordSink } from "../engine.ts";
import { inTurns } from "../names/index.ts";
import { CleanUp } from "./clean-up.ts";
import { findOwner, readControl, writeControl } from "./control.ts";
import { countsInTurns } from "./counts-in-turns.ts";
import { DEFAULT_RING_BYTES } from "./engine.ts";
import { KnownGenerations } from "./known-generations.ts";
import { takingOver } from "./load.ts";
import type { LoadResult } from "./loading/compile-and-open.ts";
import { loadInThread } from "./loading/thread.ts";
import { type Loading, Loads } from "./loads.ts";
import {
  type Generation,
  hasManifest,
  readManifests,
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
  unpinGeneration,
  unpinOthers,
} from "./pins.ts";
import { OwnedError, requireUnheld } from "./resident-errors.ts";
import type { OnRetired, ReplaceResult, ResidentOptions } from "./resident-options.ts";
import { adoptRules, LiveRules, manifestOf, retire } from "./resident-rules.ts";
import { ringIdOf } from "./ring-id.ts";
import { openShared } from "./shared-maps.ts";
import { writeGenerationInForce } from "./suspended.ts";
import { takeTurn } from "./turn.ts";

export class ResidentEngine implements Engine {
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
  readonly #generations: KnownGenerations;
  #live: LiveRules | undefined;
  /** In force; 0: none is. */
  #number: number;
  /** Highest number that a rule set of this ring had. */
  #lastNumber: number;
  #nextSite: number;
  readonly #cleanUp = new CleanUp();
  #isClosed = false;
  readonly #loads: Loads;

  /** Makes pins, or takes over what is pinned. Throws MachineError: privilege, kernel, bpffs. */
  static open(options: ResidentOptions): ResidentEngine {
    return new ResidentEngine(options);
  }

  private constructor(options: ResidentOptions) {
    this.#options = options;
    this.#generations = new KnownGenerations(options.runDir);
    this.#loads = new Loads(options.load ?? loadInThread);
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
      ring = RingBuffer.open(this.#map(MapName.events), { latencyMs: options.latencyMs });
      this.ring = ring;
      this.ringId = ringIdOf(this.#map(MapName.events));
      this.#generations.takeOver({ isNew, inForce: number, end: ring.end });
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
    return this.#generations.all;
  }

  /** Rules act that cannot be accounted for, since what was written of them is gone: they do until `replace` or `unload`. */
  get hasUnknownRules(): boolean {
    return this.#number > 0 ? this.#live === undefined : hasEarlier(this.#options.pinDir);
  }

  /** What of the last swap is left to be done, with the next one; undefined: nothing is. */
  get unfinished(): string | undefined {
    return this.#cleanUp.unfinished;
  }

  /** Somebody has removed pins of the rules in force; undefined: they are there. */
  get unpinned(): string | undefined {
    return this.#loads.current === undefined ? describeMissing(this.#pinned) : undefined;
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
    return this.#loads.current;
  }

  /** Rules that are not loaded within this time are refused. */
  get deadlineMs(): number {
    return this.#loads.deadlineMs;
  }

  set deadlineMs(deadlineMs: number) {
    this.#loads.deadlineMs = deadlineMs;
  }

  /** Ends the load that lasts, if one does; `replace` throws a LoadAbortedError then. */
  abortLoading(): void {
    this.#loads.abort();
  }

  /**
   * Removes rule sets that are pinned and not in force. Of those that were, `onRetired` is given the last numbers before: the
   * process that swapped them died in between. `replace` begins with it.
   */
  retireOthers(onRetired: OnRetired = () => {}): void {
    const { pinDir, runDir } = this.#options;
    for (const number of pinnedGenerations(pinDir)) {
      const wasInForce = this.#number === 0 || number < this.#number;
      if (wasInForce) retire(pinDir, runDir, number, this.#shared, onRetired);
    }
    unpinOthers(this.#options.pinDir, this.#number);
    this.#forgetRead();
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
    const loading = this.#load(rules, { generation: number, firstSite });
    // while another thread works
    const listing = nextTurn().then(() => sitesOf(rules));
    const [result, sites] = await Promise.all([loading, listing]);
    if (!result.ok) return result;
    const { facts, objects } = result;
    const loaded = await inTurns(takingOver(facts, objects, this.#shared));
    const generation: Generation = {
      generation: number,
      loadedAtMs: Date.now(),
      source,
      rules,
      firstSite,
      sites,
      notices: [...facts.notices, ...loaded.notices],
    };
    const manifest = manifestOf(generation, facts);
    const live = new LiveRules(manifest, loaded);
    const { last } = this.#generations;
    const before = this.#live;
    try {
      await this.#pause();
      pinAgain(this.#pinned);
      live.pin(pinDir);
      await this.#pause();
      writeManifest(runDir, manifest);
      await this.#pause();
      // a set without rules has a number of its own, too: no two sets of a ring ever begin at the same one
      this.#nextSite = firstSite + Math.max(1, generation.sites.length);
      // known before its first record is in the ring
      this.#generations.add(generation);
      await this.#putInForce(number, () => {
        this.#live = live;
      });
    } catch (error) {
      this.#generations.drop(generation);
      live.close();
      unpinGeneration(pinDir, number);
      removeManifest(runDir, number);
      throw error;
    }
    // closed meanwhile: what is pinned and not in force goes with the next start
    if (this.#live !== live) live.close();
    this.#lastNumber = number;
    if (last !== undefined && !this.#isClosed) last.end = this.ring.end;
    this.#cleanUp.attempt(() => {
      if (this.#live === live && before !== undefined)
        onRetired(before.manifest.generation.generation, before.counters().rules);
      if (this.#isClosed) return;
      unpinOthers(this.#options.pinDir, this.#number);
      this.#forgetRead();
    });
    if (this.#live === live) before?.close();
    return { ok: true, generation };
  }

  /** Between parts of a swap: events and commands do not wait for all of it. Throws LoadAbortedError: closed meanwhile. */
  async #pause(): Promise<void> {
    await nextTurn();
    if (this.#isClosed) throw new LoadAbortedError("The rules are not loaded");
  }

  /** Of the rules in force, since they were loaded. The reader's losses are the owner's to count. */
  counters(): EngineCounters {
    return { rules: [], recursionMisses: 0, ...this.#live?.counters(), readerDropped: 0 };
  }

  /** Of the rules in force; a rule set begins with none. */
  counts(): Promise<readonly CountTable[]> {
    return countsInTurns(() => (this.#isClosed ? undefined : this.#live));
  }

  async #load(
    rules: readonly CheckedRule[],
    which: { readonly generation: number; readonly firstSite: number },
  ): Promise<LoadResult> {
    const options = { ...which, ringBytes: this.ring.size, reportsCaller: true };
    try {
      return await this.#loads.run(rules, options, this.#shared);
    } finally {
      if (this.#isClosed) this.#closeShared();
    }
  }

  /** Of the rules in force; records of those before name sites of their own generation. */
  get sites(): readonly Site[] {
    return this.current?.sites ?? [];
  }

  get notices(): readonly string[] {
    return this.current?.notices ?? [];
  }

  /** For an owner to whom positions in the ring mean nothing; it must not read `ring` besides. */
  async events(sink: RecordSink, timeoutMs: number): Promise<number> {
    if (this.#isClosed || !(await this.ring.waitReadable(timeoutMs)) || this.#isClosed) return 0;
    return this.#handOver(sink);
  }

  #handOver(sink: RecordSink): number {
    return this.ring.poll((memory, at, length) => sink.record(memory, at, length));
  }

  /** Releases everything; rules continue to act in the kernel. */
  close(sink?: RecordSink): void {
    if (this.#isClosed) return;
    if (sink !== undefined) this.#handOver(sink);
    // our number may be given to another process
    this.#writeControl(0);
    this.#release();
  }

  /**
   * Detaches and removes everything; `beforeRemoval` runs when no more events come and the ring is still there.
   * Throws HeldError, and changes nothing, while another program or pin holds a part of it.
   */
  unload(beforeRemoval: () => void = () => {}): void {
    const { pinDir, runDir } = this.#options;
    const maps = [...this.#shared.values(), ...(this.#live?.ownMaps() ?? [])];
    requireUnheld(maps, this.#live?.programIds() ?? [], pinDir);
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

  #forgetRead(): void {
    // no later one has the last number, also where a process died that took away rules
    this.#generations.forget(this.ring.position, this.#lastNumber);
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
    const write = (transition: number, entering: number): void =>
      this.#writeControl(process.pid, { transition, entering });
    const isClosed = () => this.#isClosed;
    const finish = (act: () => void): void => this.#cleanUp.attempt(act);
    await takeTurn({ shared: this.#shared, before, number, write, turn, isClosed, finish });
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

  #release(): void {
    this.#isClosed = true;
    this.abortLoading();
    this.ring.close();
    this.note.close();
    this.#live?.close();
    // another thread may have their numbers still
    if (this.#loads.current === undefined) this.#closeShared();
  }

  #closeShared(): void {
    for (const map of this.#shared.values()) map.close();
  }
}
