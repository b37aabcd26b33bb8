/**
 * What the compiler makes of COUNT: its part of the program, in test/listings. UPDATE_GOLDEN=1 writes the files. That the code
 * counts rightly is tested beside the code that reads the maps (src/engines/kernel/counts.test.ts).
 */
import { test } from "node:test";
import { assertListing } from "./testing/golden-listing.ts";
import { MACHINES } from "./testing/machines.ts";
import { checked } from "./testing/rules.ts";
import { Simulation } from "./testing/simulation.ts";

/** Labels without numbers: where the part begins and where it ends. */
const SAMPLES: readonly {
  readonly name: string;
  readonly count: string;
  readonly from: string;
  readonly to: string;
  /** Absent: kill. */
  readonly call?: string;
}[] = [
  { name: "count", count: "", from: "readable", to: "counted" },
  { name: "count-by", count: "by PARAMS[2]", from: "readable", to: "counted" },
  { name: "count-by-name", count: "by COMM", from: "readable", to: "counted_before" },
  { name: "count-by-site", count: "by SNAME", from: "readable", to: "counted_before" },
  { name: "count-sum", count: "sum PARAMS[1]", from: "readable", to: "counted" },
  {
    ...{ name: "count-by-address", count: "by PARAMS[2].sin_addr", call: "connect" },
    ...{ from: "readable", to: "address_known" },
  },
];

for (const { name, count, from, to, call = "kill" } of SAMPLES) {
  const text = `rule { syscall_name = ${call} action { type = COUNT ${count} } }`;
  test(`listing of ${name}`, () => {
    const { compiled } = new Simulation(checked(text), MACHINES.modifies);
    const program = compiled.programs.find(
      ({ attachment }) => "function" in attachment && attachment.function === `__x64_sys_${call}`,
    );
    assertListing({ name, rules: text, program, from, to });
  });
}
