/** Writes the control map: which rule set is in force, and whose calls are ours. See src/compiler/programs/control.ts. */
import { readFileSync } from "node:fs";
import type { BpfMap } from "../../bpf/index.ts";
import { CONTROL_SIZE, ControlOffset } from "../../compiler/index.ts";
import { isEnding } from "../../sys/index.ts";

export interface Control {
  /** 0: no rules are in force. */
  readonly generation: number;
  /** Process whose own calls are not judged; 0: none. */
  readonly selfPid: number;
  /** Number of the first site of the next rule set. */
  readonly nextSite: number;
  /** Generation that is being put in force; 0: no transition. */
  readonly transition?: number;
  /** Generation that judges calls which enter in the transition. */
  readonly entering?: number;
}

/** Takes effect at once, on all processors: the value is stored word by word, the generation is one word. */
export function writeControl(
  map: BpfMap,
  { generation, selfPid, nextSite, transition = 0, entering = 0 }: Control,
): void {
  const value = Buffer.alloc(CONTROL_SIZE);
  value.writeUInt32LE(generation, ControlOffset.generation);
  value.writeUInt32LE(selfPid, ControlOffset.selfPid);
  value.writeBigUInt64LE(startTicks(selfPid), ControlOffset.selfStart);
  value.writeBigUInt64LE(BigInt(nextSite), ControlOffset.nextSite);
  value.writeUInt32LE(transition, ControlOffset.transition);
  value.writeUInt32LE(entering, ControlOffset.entering);
  map.update(0, value);
}

/** Another living process whose engine this is; undefined: there is none. */
export function findOwner(map: BpfMap): number | undefined {
  const found = map.lookup(0);
  if (found === undefined) return undefined;
  const value = Buffer.from(found.buffer);
  const pid = value.readUInt32LE(ControlOffset.selfPid);
  if (pid === 0 || pid === process.pid) return undefined;
  const start = startTicks(pid);
  const isSame = start !== 0n && start === value.readBigUInt64LE(ControlOffset.selfStart);
  return isSame && !isEnding(pid) ? pid : undefined;
}

export function readControl(map: BpfMap): Pick<Control, "generation" | "nextSite"> {
  const found = map.lookup(0);
  if (found === undefined) throw new Error("the control map has no entry");
  const value = Buffer.from(found.buffer);
  return {
    generation: value.readUInt32LE(ControlOffset.generation),
    nextSite: Number(value.readBigUInt64LE(ControlOffset.nextSite)),
  };
}

/** Start of a process in clock ticks since boot: field 22 of /proc/PID/stat. 0 if there is no such process. */
function startTicks(pid: number): bigint {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, "latin1");
  } catch {
    return 0n;
  }
  // the name may hold blanks and parentheses; field 3 comes behind the last one
  return BigInt(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[22 - 3] ?? "0");
}
