/** Whether programs see the kernel look up the names that calls are given: found out by having it look up one. */
import { accessSync } from "node:fs";
import {
  attachTracing,
  isUsable,
  loadProgram,
  openMap,
  outcomeOf,
  readVmlinuxBtf,
} from "../../bpf/index.ts";
import { type LookupFunction, lookupTrialProgram } from "../../compiler/index.ts";
import { MachineError } from "../../sys/index.ts";

/** Of fs/namei.c. A compiler may put it into its callers in the same file, so that nobody calls it by its name. */
const FUNCTION = "filename_lookup";
const MAP = "sct_seen";

/** Undefined where the kernel has no such function, or does not call it. Throws InconclusiveProbeError. */
export function probeLookup(): LookupFunction | undefined {
  const btf = readVmlinuxBtf();
  const attachBtfId = btf.functionId(FUNCTION);
  const parameters = btf.functionParameters(FUNCTION) ?? [];
  const path = parameters.findIndex(({ name }) => name === "path");
  if (attachBtfId === undefined || path < 0) return undefined;
  return isCalled(attachBtfId) ? { name: FUNCTION, path, result: parameters.length } : undefined;
}

function isCalled(attachBtfId: number): boolean {
  try {
    using map = openMap({ name: MAP, type: "array", valueSize: 8, maxEntries: 1 });
    using program = loadProgram(
      {
        name: MAP,
        type: "tracing",
        code: lookupTrialProgram(MAP, process.pid),
        expectedAttachType: "BPF_TRACE_FEXIT",
        attachBtfId,
      },
      { maps: new Map([[MAP, map]]) },
    );
    using _ = attachTracing(program);
    accessSync("/");
    return Buffer.from(map.lookup(0) ?? new Uint8Array(8)).readBigUInt64LE() !== 0n;
  } catch (error) {
    if (!(error instanceof MachineError)) throw error;
    return isUsable("programs at the lookup of names", outcomeOf(error));
  }
}
