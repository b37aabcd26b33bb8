/**
 * What this kernel lets us do, found out by doing it in small: a map is created, a program of three instructions
 * loaded (never attached). Versions only say since when a feature exists; they decide nothing.
 */
import { MachineError } from "../sys/index.ts";
import { Assembler, type HelperName, R0, R1, R2, R3, R4 } from "./asm/index.ts";
import type { Btf } from "./btf/index.ts";
import type { AttachType, MapType, ProgramType } from "./constants.ts";
import { type BpfMap, type MapSpec, openMap } from "./map/map.ts";
import { type FeatureResult, outcomeOf } from "./probe-outcome.ts";
import { loadProgram, type ProgramSpec } from "./program/load.ts";
import { VerifierError } from "./program/verifier-error.ts";
import { readIfThere } from "./read-if-there.ts";
import { readVmlinuxBtf } from "./vmlinux-btf.ts";

export interface Feature {
  readonly name: string;
  /** First kernel that can have it. Configuration and policy may still say no. */
  readonly since: string;
  /** Tries it. Does not throw. */
  probe(): FeatureResult;
}

/** Everything `sct doctor` reports on. */
export const FEATURES: readonly Feature[] = [
  feature("kernel type information (BTF)", "5.4", () => void readVmlinuxBtf()),
  mapFeature("ringbuf", "5.8", { maxEntries: 4096 }),
  mapFeature("task_storage", "5.11", { valueSize: 8 }),
  mapFeature("prog_array", "4.2", { maxEntries: 1 }),
  feature("raw tracepoint programs", "4.17", () => load("raw_tracepoint", trivial())),
  feature("reading kernel objects directly", "5.11", () => load("raw_tracepoint", taskField())),
  feature("task storage in raw tracepoint programs", "5.12", taskStorage),
  feature("bpf_loop with a callback", "5.17", () => load("raw_tracepoint", loop())),
  feature("jumps of 32 bits (gotol)", "6.6", () => load("raw_tracepoint", farJump())),
  helperFeature("raw_tracepoint", "bpf_send_signal", "5.3"),
  helperFeature("kprobe", "bpf_override_return", "4.16"),
  tracingFeature("tp_btf programs", "5.5", "BPF_TRACE_RAW_TP", (btf) =>
    btf.typedefId("btf_trace_sys_enter"),
  ),
  tracingFeature("fentry programs on system calls", "5.5", "BPF_TRACE_FENTRY", syscallFunction),
  tracingFeature("fexit programs on system calls", "5.5", "BPF_TRACE_FEXIT", syscallFunction),
  tracingFeature("fmod_ret programs on system calls", "5.7", "BPF_MODIFY_RETURN", syscallFunction),
  tracingFeature(
    "sleepable programs on system calls",
    "5.10",
    "BPF_TRACE_FENTRY",
    syscallFunction,
    true,
  ),
  tracingFeature("fmod_ret programs on security hooks", "5.7", "BPF_MODIFY_RETURN", (btf) =>
    btf.functionId("security_file_open"),
  ),
  feature("lsm programs", "5.7", () => {
    const id = requireId(readVmlinuxBtf().functionId("bpf_lsm_file_open"), "bpf_lsm_file_open");
    load("lsm", trivial(), { expectedAttachType: "BPF_LSM_MAC", attachBtfId: id });
  }),
  {
    name: "bpf among the active security modules",
    since: "5.7",
    probe: () => tried(activeLsm),
  },
];

/** Whether programs of a type may call a helper: "no" only when the verifier says so. */
export function helperFeature(type: ProgramType, helper: HelperName, since: string): Feature {
  return feature(`${helper} in ${type} programs`, since, () => {
    const a = new Assembler();
    a.call(helper).return(0);
    try {
      load(type, a);
    } catch (error) {
      // complaints about arguments mean that the helper itself was let through
      const isRefused = /unknown func|cannot use helper|not allowed in/;
      if (!(error instanceof VerifierError) || isRefused.test(error.message)) throw error;
    }
  });
}

/** A map type with the smallest sizes that it accepts. */
function mapFeature(type: MapType, since: string, sizes: Partial<MapSpec>): Feature {
  return feature(`${type} maps`, since, () => openMap({ name: "probe", type, ...sizes }).close());
}

function tracingFeature(
  name: string,
  since: string,
  expectedAttachType: AttachType,
  target: (btf: Btf) => number | undefined,
  isSleepable = false,
): Feature {
  return feature(name, since, () => {
    const attachBtfId = requireId(target(readVmlinuxBtf()), "the function to attach to");
    load("tracing", trivial(), { expectedAttachType, attachBtfId, isSleepable });
  });
}

function feature(name: string, since: string, attempt: () => void): Feature {
  return {
    name,
    since,
    probe: () =>
      tried(() => {
        attempt();
        return { outcome: "supported" };
      }),
  };
}

function tried(attempt: () => FeatureResult): FeatureResult {
  try {
    return attempt();
  } catch (error) {
    if (!(error instanceof MachineError)) throw error;
    return outcomeOf(error);
  }
}

/** Missing from BTF: the kernel has no such function. */
class MissingFunction extends MachineError {
  readonly code = "missing_function";
}

function requireId(id: number | undefined, what: string): number {
  if (id === undefined) throw new MissingFunction(`${what} is not in the kernel's BTF`);
  return id;
}

/** nanosleep is a system call with arguments on every architecture; nothing is ever attached to it. */
function syscallFunction(types: Btf): number | undefined {
  return types.functionId("__x64_sys_nanosleep") ?? types.functionId("__arm64_sys_nanosleep");
}

function load(
  type: ProgramType,
  a: Assembler,
  target: Pick<ProgramSpec, "expectedAttachType" | "attachBtfId" | "isSleepable"> = {},
  map?: BpfMap,
): void {
  const maps = new Map(map === undefined ? [] : [[map.name, map]]);
  loadProgram({ name: "probe", type, code: a.assemble(), ...target }, { maps }).close();
}

function trivial(): Assembler {
  return new Assembler("probe").return(0);
}

function taskField(): Assembler {
  const a = new Assembler("probe");
  return a.call("bpf_get_current_task_btf").load("u64", R1, R0, 0).return(0);
}

function taskStorage(): void {
  using map = openMap({ name: "storage", type: "task_storage", valueSize: 8 });
  const a = new Assembler("probe");
  a.call("bpf_get_current_task_btf").mov(R2, R0).loadMap(R1, "storage").mov(R3, 0).mov(R4, 1);
  a.call("bpf_task_storage_get").return(0);
  load("raw_tracepoint", a, {}, map);
}

function loop(): Assembler {
  const a = new Assembler("probe");
  a.mov(R1, 1).loadFunction(R2, "body").mov(R3, 0).mov(R4, 0).call("bpf_loop").return(0);
  return a.function("body").return(0);
}

/** Debian's 6.1 has it as well. The assembler makes a gotol only of a jump that is too long otherwise. */
function farJump(): Assembler {
  const a = new Assembler("probe");
  a.mov(R0, 0).jump("eq", R1, 0, "end");
  for (let n = 0; n < 0x8000; n++) a.mov(R0, 0);
  return a.label("end").exit();
}

/** LSM programs load without this, but are never called. */
function activeLsm(): FeatureResult {
  const path = "/sys/kernel/security/lsm";
  const bytes = readIfThere(path);
  if (bytes === undefined) {
    const advice = "mount -t securityfs securityfs /sys/kernel/security";
    return { outcome: "not supported", reason: `cannot read ${path}`, advice };
  }
  const active = Buffer.from(bytes).toString("latin1").trim();
  if (active.split(",").includes("bpf")) return { outcome: "supported" };
  const advice = `boot with lsm=${active},bpf`;
  return { outcome: "not supported", reason: `active are ${active}`, advice };
}
