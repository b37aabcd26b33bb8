/** From compiled rules to live kernel objects; everything opened here is closed again if a later step fails. */
import {
  attachRawTracepoint,
  type BpfMap,
  type Link,
  loadProgram,
  openMap,
  type Program,
} from "../../bpf/index.ts";
import type { CompiledMap, CompiledRules } from "../../compiler/index.ts";

export interface Loaded {
  readonly maps: ReadonlyMap<string, BpfMap>;
  readonly programs: readonly Program[];
  readonly links: readonly Link[];
  /** Detaches first, then releases. */
  close(): void;
}

/** Throws SyscallError, or VerifierError (a bug of the compiler). */
export function loadRules(compiled: CompiledRules): Loaded {
  const maps = new Map<string, BpfMap>();
  const programs: Program[] = [];
  const links: Link[] = [];
  const close = (): void => {
    for (const object of [...links.reverse(), ...programs, ...maps.values()]) object.close();
  };
  try {
    for (const map of compiled.maps) maps.set(map.name, openCompiledMap(map));
    const specs = compiled.programs.map(({ tracepoint, code }) => ({
      tracepoint,
      program: loadProgram({ name: code.name, type: "raw_tracepoint", code }, { maps }),
    }));
    programs.push(...specs.map(({ program }) => program));
    for (const { tracepoint, program } of specs)
      links.push(attachRawTracepoint(program, tracepoint));
  } catch (error) {
    close();
    throw error;
  }
  return { maps, programs, links, close };
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
