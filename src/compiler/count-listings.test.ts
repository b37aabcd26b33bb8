/**
 * What the compiler makes of COUNT: its part of the program, in test/listings. UPDATE_GOLDEN=1 writes the files. That the code
 * counts rightly is tested beside the code that reads the maps (src/engines/kernel/counts.test.ts).
 */
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { disassemble } from "../bpf/asm/index.ts";
import { partOfListing } from "./testing/listing.ts";
import { MACHINES } from "./testing/machines.ts";
import { checked } from "./testing/rules.ts";
import { Simulation } from "./testing/simulation.ts";

const MOST_INSTRUCTIONS = 40;
const isUpdate = process.env["UPDATE_GOLDEN"] === "1" && process.env["CI"] === undefined;

/** Labels without numbers: where the part begins and where it ends. */
const SAMPLES: readonly {
  readonly name: string;
  readonly count: string;
  readonly from: string;
  readonly to: string;
}[] = [
  { name: "count", count: "", from: "readable", to: "counted" },
  { name: "count-by", count: "by PARAMS[2]", from: "readable", to: "counted" },
  { name: "count-by-name", count: "by COMM", from: "readable", to: "counted_before" },
  { name: "count-by-site", count: "by SNAME", from: "readable", to: "counted_before" },
  { name: "count-sum", count: "sum PARAMS[1]", from: "readable", to: "counted" },
];

for (const { name, count, from, to } of SAMPLES) {
  const text = `rule { syscall_name = kill action { type = COUNT ${count} } }`;
  test(`listing of ${name}`, () => {
    const { compiled } = new Simulation(checked(text), MACHINES.modifies);
    const program = compiled.programs.find(
      ({ attachment }) => "function" in attachment && attachment.function === "__x64_sys_kill",
    );
    assert.ok(program);
    const part = partOfListing(disassemble(program.code), from, to);
    const listing = `${text}\n\n${part.text}`;
    const file = new URL(`../../test/listings/${name}.txt`, import.meta.url);
    if (isUpdate) writeFileSync(file, listing);
    assert.equal(listing, readFileSync(file, "utf8"));
    assert.ok(part.instructions <= MOST_INSTRUCTIONS, `${part.instructions} instructions`);
  });
}
