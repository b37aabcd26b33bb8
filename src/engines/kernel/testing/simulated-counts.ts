/** What rules have counted in the interpreter, read as from the kernel's maps. */
import type { PerCpuEntry } from "../../../bpf/index.ts";
import type { Simulation } from "../../../compiler/testing/simulation.ts";
import type { CountTable } from "../../../language/index.ts";
import { readCounts } from "../counts.ts";

export function readSimulated({ compiled, kernel }: Simulation): CountTable[] {
  const { rules, sites } = compiled;
  const maps = new Map(
    [...kernel.maps].map(([name, map]) => {
      const lookupPerCpu = (key: Uint8Array | number): DataView[] | undefined => {
        const bytes = new Uint8Array(4);
        if (typeof key === "number") new DataView(bytes.buffer).setUint32(0, key, true);
        const at = map.lookup(typeof key === "number" ? bytes : key);
        return at === 0n ? undefined : [kernel.memory.view(at, map.valueSize)];
      };
      function* entriesPerCpu(): Generator<readonly PerCpuEntry[]> {
        for (const key of map.keys()) yield [{ key, values: lookupPerCpu(key) ?? [] }];
      }
      return [name, { entriesPerCpu, lookupPerCpu }] as const;
    }),
  );
  return readCounts({ rules, sites, firstSite: 0, maps });
}
