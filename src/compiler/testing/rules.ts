/** Checked rules from text, and events from records, for tests. */
import assert from "node:assert/strict";
import { EventDecoder, type SctEvent } from "../../events/index.ts";
import { context } from "../../events/testing/sites.ts";
import { type CheckedRule, parseRules } from "../../language/index.ts";
import { vocabulary } from "../../linux/index.ts";
import type { SimulatedOutcome, Simulation } from "./simulation.ts";

/** Texts that were checked last, and their rules: a test asks about the same ones many times. */
const lately = new Map<string, readonly CheckedRule[]>();
const MOST_TEXTS = 32;

/** The same rules for the same text, for a while. */
export function checked(text: string): readonly CheckedRule[] {
  const known = lately.get(text);
  if (known !== undefined) return known;
  const { ruleSet, diagnostics } = parseRules([{ name: "test.conf", text }], vocabulary);
  const errors = diagnostics.filter(({ severity }) => severity === "error");
  assert.ok(ruleSet, `${text}\n${errors.map(({ message }) => message).join("\n")}`);
  const [oldest] = lately.keys();
  if (lately.size >= MOST_TEXTS && oldest !== undefined) lately.delete(oldest);
  lately.set(text, ruleSet.rules);
  return ruleSet.rules;
}

export function eventsOf(
  { compiled }: Simulation,
  { records }: SimulatedOutcome,
): readonly SctEvent[] {
  const decoder = new EventDecoder(compiled.sites, context);
  return records.map((record) => decoder.decode(record, 0, record.length));
}

/** A rule that logs. */
export function logRule(call: string, filter: string, format: string, more = ""): string {
  return `rule { syscall_name = ${call} ${more} filter_expression { ${filter} } action { type = LOG log_format {${format}} } }`;
}

/** Line and flags of each event. */
export function linesOf(
  simulation: Simulation,
  outcome: SimulatedOutcome,
): readonly (readonly unknown[])[] {
  return eventsOf(simulation, outcome).map(({ message, flags }) => [message, ...flags]);
}
