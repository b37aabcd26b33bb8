/**
 * At the end of the kernel's function that looks up names: keeps what it has found, mount and entry, for security hooks that
 * are only given a part of that (struct dentry, struct inode). A hook uses it only where its part is the same.
 */
import { type Assembled, Assembler, R0, R1, R2, R3, R4, R6, R7, R9 } from "../../bpf/asm/index.ts";
import { AreaOffset } from "../layout/area.ts";
import { MapName } from "../layout/map-names.ts";
import type { LookupFunction } from "../machine.ts";
import { areaStart, findArea, type ProgramInput } from "./context.ts";
import { emitRingTask } from "./ring.ts";

const PATH_SIZE = 16;

export function lookupProgram(input: ProgramInput, { path, result }: LookupFunction): Assembled {
  const a = new Assembler("sct_lookup");
  a.mov(R6, R1)
    .load("u64", R1, R6, result * 8)
    .mov32(R1, R1)
    .jump("ne", R1, 0, "ignore");
  a.call("bpf_get_current_task_btf").mov(R7, R0);
  a.load("u64", R1, R7, input.facts.task.bpfStorage).jump("eq", R1, 0, "no_area");
  findArea(a, input, "no_area");
  a.label("keep").mov(R1, R9).add(R1, AreaOffset.lookupMount).mov(R2, PATH_SIZE);
  a.load("u64", R3, R6, path * 8)
    .call("bpf_probe_read_kernel")
    .goto("ignore");
  a.label("no_area").comment("operations of io_uring pass no entry that would have made one");
  emitRingTask(a, input.facts, "ring", "ignore");
  a.label("ring")
    .loadMap(R1, MapName.areas)
    .mov(R2, R7)
    .mov(R3, 0)
    .mov(R4, input.createsAreas ? 1 : 0);
  a.call("bpf_task_storage_get").jump("eq", R0, 0, "ignore");
  a.mov(R9, R0).add(R9, areaStart(input)).goto("keep");
  return a.label("ignore").return(0).assemble({ tidy: true });
}

/** For a trial of the attachment: stores 1 in the array map when it runs for the process. */
export function lookupTrialProgram(map: string, pid: number): Assembled {
  const a = new Assembler(map);
  a.call("bpf_get_current_pid_tgid").rsh(R0, 32).jump("ne", R0, pid, "other");
  a.loadMapValue(R1, map).store("u64", R1, 0, 1);
  return a.label("other").return(0).assemble();
}
