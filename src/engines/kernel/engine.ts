/**
 * The kernel engine: rules as raw tracepoint programs, for every process on the machine. Needs root (CAP_BPF,
 * CAP_PERFMON) and a kernel with BTF and task storage for tracing programs.
 */
import type { Diagnostic } from "../../base/diagnostic.ts";
import { type BpfMap, RingBuffer, RingDrain } from "../../bpf/index.ts";
import { type CompiledRules, type Machine, MapName } from "../../compiler/index.ts";
import type { Site } from "../../events/site.ts";
import type { CheckedRule } from "../../language/index.ts";
import type { Engine, EngineCounters, RecordSink } from "../engine.ts";
import { writeControl } from "./control.ts";
import { readCounters } from "./counters.ts";
import type { Loaded } from "./load.ts";
import { probeMachine } from "./machine.ts";
import { carryOutTimeouts } from "./suspended.ts";
import { compileAndLoad } from "./too-large.ts";

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
  /** Bytes that the reader may hold back while output is slower than events. */
  readonly backlogBytes?: number;
  /** What programs may use; default: all that probing finds. */
  readonly machine?: Machine;
  /** Events carry executable and working directory also where no rule asks for them. */
  readonly reportsCaller?: boolean;
  /** Process that rules do not see; default this one. */
  readonly selfPid?: number;
}

export type KernelEngineResult =
  | { readonly ok: true; readonly engine: Engine }
  /** Rules ask for what this engine cannot do; nothing was loaded. */
  | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] };

/**
 * Compiles, verifies, loads and attaches. Throws MachineError when the machine cannot (privilege, kernel).
 * The maps are the reader's before the programs run, so no event is missed after it returns.
 */
export function openKernelEngine(
  rules: readonly CheckedRule[],
  options: KernelEngineOptions = {},
): KernelEngineResult {
  const result = compileAndLoad(rules, {
    machine: options.machine ?? probeMachine(),
    generation: GENERATION,
    ringBytes: options.ringBytes ?? DEFAULT_RING_BYTES,
    reportsCaller: options.reportsCaller ?? false,
  });
  if (!result.ok) return result;
  const { compiled, loaded } = result;
  try {
    return { ok: true, engine: new KernelEngine(compiled, loaded, options) };
  } catch (error) {
    loaded.close();
    throw error;
  }
}

class KernelEngine implements Engine {
  readonly sites: readonly Site[];
  readonly notices: readonly string[];
  readonly #ruleNames: readonly string[];
  readonly #loaded: Loaded;
  readonly #ring: RingBuffer;
  readonly #drain: RingDrain;
  #isDetached = false;
  readonly #endTimeouts: () => void;
  #final: EngineCounters | undefined;

  constructor(
    { rules, sites, notices }: CompiledRules,
    loaded: Loaded,
    options: KernelEngineOptions,
  ) {
    this.sites = sites;
    this.notices = notices;
    this.#ruleNames = rules.map(({ name }) => name);
    this.#loaded = loaded;
    this.#ring = RingBuffer.open(this.#map(MapName.events));
    this.#drain = new RingDrain(this.#ring, { limitBytes: options.backlogBytes ?? BACKLOG_BYTES });
    this.#endTimeouts = carryOutTimeouts(loaded.maps);
    const selfPid = options.selfPid ?? process.pid;
    writeControl(this.#map(MapName.control), { generation: GENERATION, selfPid, nextSite: 0 });
  }

  async poll(sink: RecordSink, timeoutMs: number): Promise<number> {
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

  detach(): void {
    if (this.#isDetached) return;
    this.#isDetached = true;
    for (const link of this.#loaded.links) link.close();
  }

  close(sink?: RecordSink): void {
    if (this.#final !== undefined) return;
    this.#endTimeouts();
    // what is in the ring then is all there will be
    this.detach();
    if (sink !== undefined)
      this.#drain.poll((memory, offset, length) => sink.record(memory, offset, length));
    this.#drain.close();
    this.#final = this.counters();
    this.#ring.close();
    this.#loaded.close();
  }

  #map(name: string): BpfMap {
    const map = this.#loaded.maps.get(name);
    if (map === undefined) throw new Error(`map ${name} was not made`);
    return map;
  }
}
