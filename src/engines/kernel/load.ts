/** Rules that are loaded, as their process has them: kernel objects, and what keeps them up to date. */
import type { BpfMap, Link, Program } from "../../bpf/index.ts";
import { MapName } from "../../compiler/index.ts";
import { atOnce, type Steps } from "../names/index.ts";
import { Identities } from "./identities.ts";
import { LiveNames } from "./live-names.ts";
import type { LoadFacts } from "./loading/compile-and-open.ts";
import { closeObjects, type KernelObjects } from "./loading/objects.ts";

export interface Loaded {
  /** Shared ones too. */
  readonly maps: ReadonlyMap<string, BpfMap>;
  readonly programs: readonly Program[];
  /** For each program the indexes of the rules that it works for. */
  readonly rulesOfPrograms: readonly (readonly number[])[];
  readonly links: readonly Link[];
  /** What must be said besides what loading found. */
  readonly notices: readonly string[];
  /** What keeps maps up to date and cannot do so now. */
  problems(): readonly string[];
  /** Detaches first, then releases; maps that were shared stay. */
  close(): void;
}

/** Takes objects over, also where it throws: SyscallError. Rules take effect when the control map names their generation. */
export function takeOver(facts: LoadFacts, objects: KernelObjects): Loaded {
  return atOnce(takingOver(facts, objects));
}

/** The same in steps; `shared` are maps that stay the caller's. */
export function* takingOver(
  facts: LoadFacts,
  objects: KernelObjects,
  shared: ReadonlyMap<string, BpfMap> = new Map(),
): Steps<Loaded> {
  const { programs, links } = objects;
  const maps = new Map([...shared, ...objects.maps.map((map) => [map.name, map] as const)]);
  let identities: Identities | undefined;
  let names: LiveNames | undefined;
  const notices: string[] = [];
  const close = (): void => {
    closeObjects(objects);
    identities?.close();
    names?.close();
  };
  try {
    const pairs = maps.get(MapName.identities);
    if (pairs !== undefined) {
      identities = new Identities(pairs, facts.identifiedPaths, facts.kernel);
      yield* identities.learn();
    }
    const other = maps.get(MapName.names);
    if (other !== undefined) {
      names = new LiveNames(other, facts.testSets);
      yield* names.learn();
    }
    if (names !== undefined && names.left > 0)
      notices.push(
        `the names that ${names.left} conditions on files have by symbolic links take too much memory: these mean the text of their paths alone`,
      );
  } catch (error) {
    close();
    throw error;
  }
  const rulesOfPrograms = facts.programs.map(({ rules }) => rules);
  const problems = () => problemsOf([identities, names]);
  return { maps, programs, rulesOfPrograms, links, notices, problems, close };
}

export function problemsOf(
  parts: readonly ({ readonly problem: string | undefined } | undefined)[],
): readonly string[] {
  return parts.flatMap((part) => part?.problem ?? []);
}
