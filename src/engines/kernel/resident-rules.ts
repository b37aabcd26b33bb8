/** One generation of pinned rules, loaded by this process or taken over from one that is gone. */
import { mkdirSync } from "node:fs";
import {
  type BpfMap,
  type MapSpec,
  openPinnedLink,
  openPinnedMap,
  openPinnedProgram,
} from "../../bpf/index.ts";
import { MapName } from "../../compiler/index.ts";
import type { CountTable } from "../../language/index.ts";
import { isPassing } from "../../sys/index.ts";
import type { EngineCounters, RuleCounters } from "../engine.ts";
import { atOnce, type Steps } from "../names/index.ts";
import { programType } from "./attach.ts";
import { readCounters } from "./counters.ts";
import { readingCounts } from "./counts.ts";
import { readKernelFacts } from "./facts.ts";
import { Identities } from "./identities.ts";
import { LiveNames } from "./live-names.ts";
import { type Loaded, problemsOf } from "./load.ts";
import type { LoadFacts } from "./loading/compile-and-open.ts";
import { type Generation, MANIFEST_FORMAT, type Manifest, readManifests } from "./manifest.ts";
import { generationDir, linkPin, mapPin, programPin } from "./pins.ts";
import { carryOutTimeouts } from "./suspended.ts";

const OWNER_ONLY = 0o700;

/** A kernel object and where it is pinned. */
export interface Pin {
  readonly path: string;
  readonly object: { pin(path: string): void };
}

export class LiveRules {
  readonly manifest: Manifest;
  readonly #loaded: Loaded;
  readonly #endTimeouts: () => void;

  constructor(manifest: Manifest, loaded: Loaded) {
    this.manifest = manifest;
    this.#loaded = loaded;
    this.#endTimeouts = carryOutTimeouts(loaded.maps);
  }

  /** Throws SyscallError: the directory may then hold a part of the pins. */
  pin(pinDir: string): void {
    mkdirSync(generationDir(pinDir, this.manifest.generation.generation), { mode: OWNER_ONLY });
    for (const { path, object } of this.pins(pinDir)) object.pin(path);
  }

  /** Links are the last: what they attach acts from then on. */
  pins(pinDir: string): readonly Pin[] {
    const dir = generationDir(pinDir, this.manifest.generation.generation);
    const { programs, links } = this.#loaded;
    return [
      ...this.ownMaps().map((object) => ({ path: mapPin(dir, object.name), object })),
      ...programs.map((object, i) => ({ path: programPin(dir, i), object })),
      ...links.map((object, i) => ({ path: linkPin(dir, i), object })),
    ];
  }

  problems(): readonly string[] {
    return this.#loaded.problems();
  }

  counters(): Omit<EngineCounters, "readerDropped"> {
    const names = this.manifest.generation.rules.map(({ name }) => name);
    const { maps, programs, rulesOfPrograms } = this.#loaded;
    return readCounters(names, maps, programs, rulesOfPrograms);
  }

  readingCounts(): Steps<CountTable[]> {
    return readingCounts({ ...this.manifest.generation, maps: this.#loaded.maps });
  }

  ownMaps(): readonly BpfMap[] {
    return this.manifest.maps.flatMap(({ name }) => this.#loaded.maps.get(name) ?? []);
  }

  programIds(): readonly number[] {
    return this.#loaded.programs.map((program) => program.info().id);
  }

  /** Lets go; what is pinned stays. */
  close(): void {
    this.#endTimeouts();
    this.#loaded.close();
  }
}

export function manifestOf(
  generation: Generation,
  { kernel, identifiedPaths, testSets, maps, programs }: LoadFacts,
): Manifest {
  return { format: MANIFEST_FORMAT, generation, kernel, identifiedPaths, testSets, maps, programs };
}

/** Opens the pins of a generation; undefined if a part of it or its manifest is missing. Throws what may pass. */
export function adoptRules(
  pinDir: string,
  runDir: string,
  number: number,
  shared: ReadonlyMap<string, BpfMap>,
): LiveRules | undefined {
  const manifest = readManifests(runDir).find((m) => m.generation.generation === number);
  if (manifest === undefined) return undefined;
  const dir = generationDir(pinDir, number);
  const opened: { close(): void }[] = [];
  const keep = <T extends { close(): void }>(object: T): T => {
    opened.push(object);
    return object;
  };
  const close = (): void => {
    for (const object of opened.toReversed()) object.close();
  };
  try {
    const maps = new Map<string, BpfMap>(shared);
    for (const spec of manifest.maps)
      maps.set(spec.name, keep(openPinnedMap(spec as MapSpec, mapPin(dir, spec.name))));
    const programs = manifest.programs.map(({ name, attachment }, i) =>
      keep(openPinnedProgram(name, programType(attachment), programPin(dir, i))),
    );
    const links = manifest.programs.map((_, i) => keep(openPinnedLink(linkPin(dir, i))));
    const rulesOfPrograms = manifest.programs.map(({ rules }) => rules);
    const kept: (Identities | LiveNames)[] = [];
    const pairs = maps.get(MapName.identities);
    if (pairs !== undefined) {
      const facts = manifest.kernel ?? readKernelFacts();
      const identities = keep(new Identities(pairs, manifest.identifiedPaths, facts));
      atOnce(identities.learn());
      kept.push(identities);
    }
    const names = maps.get(MapName.names);
    if (names !== undefined) {
      const live = keep(new LiveNames(names, manifest.testSets ?? []));
      atOnce(live.learn());
      kept.push(live);
    }
    const objects = { maps, programs, rulesOfPrograms, links };
    const problems = () => problemsOf(kept);
    return new LiveRules(manifest, { ...objects, notices: [], problems, close });
  } catch (error) {
    close();
    if (isPassing(error)) throw error;
    return undefined;
  }
}

/** Gives the last numbers of a pinned generation that is not in force any more. */
export function retire(
  pinDir: string,
  runDir: string,
  number: number,
  shared: ReadonlyMap<string, BpfMap>,
  onRetired: (generation: number, rules: readonly RuleCounters[]) => void,
): void {
  const rules = adoptRules(pinDir, runDir, number, shared);
  if (rules === undefined) return;
  try {
    onRetired(number, rules.counters().rules);
  } finally {
    rules.close();
  }
}
