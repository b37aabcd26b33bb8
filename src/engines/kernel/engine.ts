/**
 * The kernel engine: rules as raw tracepoint programs, for every process on the machine. Needs root (CAP_BPF,
 * CAP_PERFMON) and a kernel with BTF and task storage for tracing programs.
 */
import { type BpfMap, RingBuffer, RingDrain } from "../../bpf/index.ts";
import { type Machine, MapName, sitesOf } from "../../compiler/index.ts";
import type { Site } from "../../events/site.ts";
import type { CheckedRule, CountTable } from "../../language/index.ts";
import type { Engine, EngineCounters, Opened, RecordSink } from "../engine.ts";
import { seedNotices } from "../seed.ts";
import { writeControl } from "./control.ts";
import { readCounters } from "./counters.ts";
import { type CountingSet, readCounts } from "./counts.ts";
import { type Loaded, takeOver } from "./load.ts";
import { compileAndOpen, type LoadResult } from "./loading/compile-and-open.ts";
import type { LoadWatch, SetOptions } from "./loading/load.ts";
import { loadInThread } from "./loading/thread.ts";
import { probeMachine } from "./machine.ts";
import { carryOutTimeouts } from "./suspended.ts";

/** Default size of the event ring in bytes. */
export const DEFAULT_RING_BYTES = 64 << 20;
/** Default limit in bytes of what waits in our own memory while output is slower than events. */
const BACKLOG_BYTES = 1 << 30;
/** There is one rule set only. */
const GENERATION = 1;
/** Records handed out before the event loop gets its turn. */
const RECORDS_PER_TURN = 4096;

export interface KernelEngineOptions {
  /** Bytes of the event ring; a power of two of whole pages. */
  readonly ringBytes?: number;
  /** Longest that an event waits to be read while others come; default: 10 ms. */
  readonly latencyMs?: number | undefined;
  /** Bytes that the reader may hold back while output is slower than events. */
  readonly backlogBytes?: number;
  /** Events carry executable and working directory also where no rule asks for them. */
  readonly reportsCaller?: boolean;
  /** Choices by chance depend on this number alone; see CompileOptions. By default the kernel chooses. */
  readonly seed?: number | undefined;
}

export interface KernelOptions extends KernelEngineOptions, LoadWatch {
  readonly rules: readonly CheckedRule[];
}

/** What this thread loads by itself can be for a machine of which only a part is used. */
export interface OpenOptions extends KernelEngineOptions {
  /** What programs may use; default: all that probing finds. */
  readonly machine?: Machine;
}

/**
 * Compiles, verifies, loads and attaches in a thread of its own. Rejects with a MachineError when the machine cannot
 * (privilege, kernel), or with a LoadAbortedError. The maps are the reader's before the programs run, so no event is missed
 * after it resolves.
 */
export async function loadKernelEngine(options: KernelOptions): Promise<Opened<KernelEngine>> {
  const { rules } = options;
  return begin(await loadInThread(rules, setOptions(options), new Map(), options), rules, options);
}

/** The same in this thread, which does nothing else until it returns. */
export function openKernelEngine(
  rules: readonly CheckedRule[],
  options: OpenOptions = {},
): Opened<KernelEngine> {
  const machine = options.machine ?? probeMachine();
  const result = compileAndOpen(rules, { ...setOptions(options), machine }, new Map());
  return begin(result, rules, options);
}

function setOptions(options: KernelEngineOptions): SetOptions {
  const { ringBytes = DEFAULT_RING_BYTES, reportsCaller = false, seed } = options;
  return { generation: GENERATION, ringBytes, reportsCaller, seed };
}

function begin(
  result: LoadResult,
  rules: readonly CheckedRule[],
  options: KernelEngineOptions,
): Opened<KernelEngine> {
  if (!result.ok) return result;
  const { facts, objects } = result;
  const loaded = takeOver(facts, objects);
  try {
    return { ok: true, engine: new KernelEngine(rules, facts.notices, loaded, options) };
  } catch (error) {
    loaded.close();
    throw error;
  }
}

export class KernelEngine implements Engine {
  readonly sites: readonly Site[];
  readonly notices: readonly string[];
  readonly #ruleNames: readonly string[];
  readonly #loaded: Loaded;
  readonly #ring: RingBuffer;
  readonly #drain: RingDrain;
  #isDetached = false;
  readonly #endTimeouts: () => void;
  #final: EngineCounters | undefined;
  #finalCounts: readonly CountTable[] | undefined;
  readonly #set: Omit<CountingSet, "maps">;

  constructor(
    rules: readonly CheckedRule[],
    notices: readonly string[],
    loaded: Loaded,
    options: KernelEngineOptions,
  ) {
    this.sites = sitesOf(rules);
    this.#set = { rules, sites: this.sites, firstSite: 0 };
    this.notices = [...seedNotices(rules, options.seed), ...notices, ...loaded.notices];
    this.#ruleNames = rules.map(({ name }) => name);
    this.#loaded = loaded;
    this.#ring = RingBuffer.open(this.#map(MapName.events), { latencyMs: options.latencyMs });
    this.#drain = new RingDrain(this.#ring, { limitBytes: options.backlogBytes ?? BACKLOG_BYTES });
    this.#endTimeouts = carryOutTimeouts(loaded.maps);
    // rules do not see this process
    const self = { selfPid: process.pid, generation: GENERATION, nextSite: 0 };
    writeControl(this.#map(MapName.control), self);
  }

  async events(sink: RecordSink, timeoutMs: number): Promise<number> {
    if (this.#final !== undefined) return 0;
    if (!(await this.#drain.waitReadable(timeoutMs)) || this.#final !== undefined) return 0;
    return this.#drain.poll(
      (memory, offset, length) => sink.record(memory, offset, length),
      RECORDS_PER_TURN,
    );
  }

  counters(): EngineCounters {
    if (this.#final !== undefined) return this.#final;
    const { maps, programs, rulesOfPrograms } = this.#loaded;
    return {
      ...readCounters(this.#ruleNames, maps, programs, rulesOfPrograms),
      readerDropped: this.#drain.dropped,
    };
  }

  counts(): readonly CountTable[] {
    return this.#finalCounts ?? readCounts({ ...this.#set, maps: this.#loaded.maps });
  }

  /** Ends watching; what was seen until then can still be read. */
  detach(): void {
    if (this.#isDetached) return;
    this.#isDetached = true;
    for (const link of this.#loaded.links) link.close();
  }

  /** Detaches first. */
  close(sink?: RecordSink): void {
    if (this.#final !== undefined) return;
    this.#endTimeouts();
    // what is in the ring then is all there will be
    this.detach();
    if (sink !== undefined)
      this.#drain.poll((memory, offset, length) => sink.record(memory, offset, length));
    this.#drain.close();
    this.#final = this.counters();
    this.#finalCounts = this.counts();
    this.#ring.close();
    this.#loaded.close();
  }

  #map(name: string): BpfMap {
    const map = this.#loaded.maps.get(name);
    if (map === undefined) throw new Error(`map ${name} was not made`);
    return map;
  }
}
