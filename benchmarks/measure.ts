/** One run of a contender, and why there is none where there is none. */
import type { Contender, Run, Watch } from "./contenders/index.ts";
import type { Loop } from "./trigger.ts";

export type Outcome =
  | { readonly kind: "run"; readonly run: Run }
  /** The words for the table. */
  | { readonly kind: "none"; readonly reason: string };

export async function measure(
  contender: Contender,
  watch: Watch,
  loop: Loop,
  output = "/dev/null",
): Promise<Outcome> {
  if (contender.version === undefined) return { kind: "none", reason: "not installed" };
  try {
    const run = await contender.run(watch, loop, output);
    return run === undefined ? { kind: "none", reason: "cannot be asked" } : { kind: "run", run };
  } catch (error) {
    console.error(`${contender.name}: ${(error as Error).message}`);
    return { kind: "none", reason: "does not work here" };
  }
}

/** The runs among the outcomes; or, if there are none, the reason. */
export function runsOf(outcomes: readonly Outcome[]): Run[] | string {
  const runs = outcomes.flatMap((outcome) => (outcome.kind === "run" ? [outcome.run] : []));
  if (runs.length > 0) return runs;
  const [first] = outcomes;
  return first?.kind === "none" ? first.reason : "not measured";
}
