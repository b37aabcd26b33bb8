/** From compiled rules to live kernel objects; everything opened here is closed again if a later step fails. */
import {
  type BpfMap,
  type Link,
  loadProgram,
  openMap,
  type Program,
  readVmlinuxBtf,
} from "../../bpf/index.ts";
import {
  type CompiledMap,
  type CompiledRules,
  type KernelFacts,
  MapName,
} from "../../compiler/index.ts";
import { attach, needsBtf, specFor } from "./attach.ts";
import { Identities } from "./identities.ts";
import { writeRuleNames } from "./suspended.ts";

export interface Loaded {
  readonly maps: ReadonlyMap<string, BpfMap>;
  readonly programs: readonly Program[];
  /** For each program the indexes of the rules that it works for. */
  readonly rulesOfPrograms: readonly (readonly number[])[];
  readonly links: readonly Link[];
  /** Detaches first, then releases. */
  close(): void;
}

/**
 * Loads and attaches; rules take effect when the control map names their generation. Maps in `shared` are used
 * instead of new ones, and stay the caller's. Throws SyscallError, or VerifierError (a bug of the compiler).
 */
export function loadRules(
  compiled: CompiledRules,
  facts: KernelFacts,
  shared: ReadonlyMap<string, BpfMap> = new Map(),
): Loaded {
  const maps = new Map<string, BpfMap>(shared);
  const programs: Program[] = [];
  const links: Link[] = [];
  let identities: Identities | undefined;
  const close = (): void => {
    // entries first: an exit that is gone must not be waited for
    const own = [...maps].flatMap(([name, map]) => (shared.has(name) ? [] : [map]));
    for (const object of [...links.reverse(), ...programs, ...own]) object.close();
    identities?.close();
  };
  try {
    for (const map of compiled.maps)
      if (!shared.has(map.name)) maps.set(map.name, openCompiledMap(map));
    const pairs = maps.get(MapName.identities);
    if (pairs !== undefined) identities = new Identities(pairs, compiled.identifiedPaths, facts);
    const queue = maps.get(MapName.suspended);
    if (queue !== undefined) writeRuleNames(queue, compiled);
    const btf = compiled.programs.some(({ attachment }) => needsBtf(attachment))
      ? readVmlinuxBtf()
      : undefined;
    for (const { attachment, code } of compiled.programs)
      programs.push(loadProgram(specFor(attachment, code, btf), { maps }));
    // attached only when all are loaded: a rule set takes effect as a whole or not at all
    compiled.programs.forEach(({ attachment }, i) => {
      links.push(attach(programs[i] as Program, attachment));
    });
  } catch (error) {
    close();
    throw error;
  }
  const rulesOfPrograms = compiled.programs.map(({ rules }) => rules);
  return { maps, programs, rulesOfPrograms, links, close };
}

/** BPF_F_RDONLY_PROG: programs may only read it, which lets the verifier trust frozen content. */
const BPF_F_RDONLY_PROG = 128;

export function openCompiledMap({ content, ...spec }: CompiledMap): BpfMap {
  const map = openMap(content === undefined ? spec : { ...spec, flags: BPF_F_RDONLY_PROG });
  if (content === undefined) return map;
  try {
    map.update(0, content);
    map.freeze();
  } catch (error) {
    map.close();
    throw error;
  }
  return map;
}
