/**
 * What the compiler makes of one construct each: its part of the program, in test/listings. UPDATE_GOLDEN=1 writes the
 * files; read what changed. The same rules are run, so that no listing shows code that decides wrongly.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { CompiledProgram } from "./programs/attachment.ts";
import { assertListing } from "./testing/golden-listing.ts";
import { KERNEL_FACTS } from "./testing/kernel-facts.ts";
import { FILTER_SAMPLES } from "./testing/listing-filters.ts";
import { MEMBER_SAMPLES } from "./testing/listing-members.ts";
import { RULE_SAMPLES } from "./testing/listing-rules.ts";
import type { ListingArgs, ListingSample } from "./testing/listing-sample.ts";
import { MACHINES } from "./testing/machines.ts";
import { OpenFileObjects } from "./testing/open-files.ts";
import { checked } from "./testing/rules.ts";
import { Simulation } from "./testing/simulation.ts";

const EACCES = -13n;

for (const sample of [...FILTER_SAMPLES, ...MEMBER_SAMPLES, ...RULE_SAMPLES]) {
  const { name, call, nr } = sample;
  const text = ruleOf(sample);
  const options = { groupsFrom: sample.alike === undefined ? Number.POSITIVE_INFINITY : 2 };
  const simulation = new Simulation(checked(text), MACHINES.modifies, options, sample.caller);
  const { kernel, objects } = simulation;
  if (sample.files !== undefined)
    new OpenFileObjects(kernel.memory, KERNEL_FACTS, objects).open(kernel.task, sample.files);
  test(`listing of ${name}`, () => {
    const program = simulation.compiled.programs.find(isEntryOf(call));
    const { from = "rule0", to = "matched" } = sample;
    assertListing({ name, rules: text, program, from, to });
  });

  test(`the rule of listing ${name} denies these calls and no others`, () => {
    const results = (calls: readonly ListingArgs[]): readonly bigint[] =>
      calls.map((args) => simulation.call({ name: call, nr, args }).retval);
    assert.deepEqual(
      results(sample.denied),
      sample.denied.map(() => EACCES),
    );
    assert.deepEqual(
      results(sample.made),
      sample.made.map(() => 0n),
    );
    if (sample.other === undefined) return;
    simulation.enter(sample.other);
    assert.deepEqual(
      results(sample.denied),
      sample.denied.map(() => 0n),
    );
  });
}

function ruleOf({ alike = [], ...sample }: ListingSample): string {
  return [sample.filter, ...alike].map((filter) => oneRule(sample, filter)).join("\n");
}

function oneRule({ call, as, more }: ListingSample, filter: string | undefined): string {
  const name = as ?? `${call} syscall_match = exact`;
  return [
    `rule { syscall_name = ${name}`,
    ...(more === undefined ? [] : [`  ${more}`]),
    ...(filter === undefined ? [] : [`  filter_expression { ${filter} }`]),
    "  action { type = FAIL error_code = EACCES } }",
  ].join("\n");
}

function isEntryOf(call: string): (program: CompiledProgram) => boolean {
  return ({ attachment: at }) => at.kind === "fmod_ret" && at.function === `__x64_sys_${call}`;
}
