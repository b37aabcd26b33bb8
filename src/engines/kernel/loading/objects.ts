/**
 * From compiled rules to kernel objects, with nothing that lasts in this thread: they can be opened in one thread and
 * used in another, since descriptors belong to the process.
 */
import {
  type BpfMap,
  type Link,
  LoadAbortedError,
  loadProgram,
  openMap,
  type Program,
  readVmlinuxBtf,
} from "../../../bpf/index.ts";
import { type CompiledMap, type CompiledRules, MapName } from "../../../compiler/index.ts";
import { attach, needsBtf, specFor } from "../attach.ts";
import { writeRuleNames } from "../suspended.ts";
import { type LoadSteps, UNWATCHED } from "./progress.ts";

export interface KernelObjects {
  /** Those of the rule set alone. */
  readonly maps: readonly BpfMap[];
  readonly programs: readonly Program[];
  /** In the order of the programs. */
  readonly links: readonly Link[];
}

/** Detaches first, then releases. */
export function closeObjects({ maps, programs, links }: KernelObjects): void {
  // entries first: an exit that is gone must not be waited for
  for (const object of [...links.toReversed(), ...programs, ...maps]) object.close();
}

/**
 * Loads and attaches; rules take effect when the control map names their generation. Maps in `shared` are used
 * instead of new ones, and stay the caller's. Throws SyscallError, VerifierError (a bug of the compiler, or rules that are
 * too many for the verifier), or LoadAbortedError; nothing is left open then.
 */
export function openObjects(
  compiled: CompiledRules,
  shared: ReadonlyMap<string, BpfMap>,
  steps: LoadSteps = UNWATCHED,
): KernelObjects {
  const maps: BpfMap[] = [];
  const programs: Program[] = [];
  const links: Link[] = [];
  const objects = { maps, programs, links };
  const isAborted = (): boolean => steps.isAborted();
  const step = (stage: "verifying" | "attaching", done: number): void => {
    const { length: total } = compiled.programs;
    steps.progress({ stage, total, done, rules: compiled.programs[done]?.rules ?? [] });
    if (steps.isAborted()) throw new LoadAbortedError("The rules are not loaded");
  };
  try {
    step("verifying", 0);
    for (const map of compiled.maps)
      if (!shared.has(map.name)) maps.push(kept(steps, openCompiledMap(map)));
    const byName = new Map([...shared, ...maps.map((map) => [map.name, map] as const)]);
    const queue = byName.get(MapName.suspended);
    if (queue !== undefined) writeRuleNames(queue, compiled);
    const btf = compiled.programs.some(({ attachment }) => needsBtf(attachment))
      ? readVmlinuxBtf()
      : undefined;
    for (const [i, { attachment, code }] of compiled.programs.entries()) {
      step("verifying", i);
      const spec = specFor(attachment, code, btf);
      programs.push(kept(steps, loadProgram(spec, { maps: byName, isAborted })));
    }
    // attached only when all are loaded: a rule set takes effect as a whole or not at all
    for (const [i, { attachment }] of compiled.programs.entries()) {
      step("attaching", i);
      const link = attach(programs[i] as Program, attachment);
      for (const fd of link.descriptors) steps.opened(fd);
      links.push(link);
    }
    return objects;
  } catch (error) {
    closeObjects(objects);
    steps.closed();
    throw error;
  }
}

function kept<T extends BpfMap | Program>(steps: LoadSteps, object: T): T {
  steps.opened(object.fd.number);
  return object;
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
