/** A policy that is there, and what a run has shown that it lacks. */
import { existsSync } from "node:fs";
import type { CheckedRuleSet } from "../../language/index.ts";
import {
  type AddedEntry,
  addedEntries,
  learnedRuns,
  nextRun,
  notProposedLines,
  type UseTable,
  withEntries,
  withRuns,
} from "../../learning/index.ts";
import { InputError } from "../errors.ts";
import { plural } from "../plural.ts";
import { rawNotice } from "../run/raw-output.ts";
import { writeWhole } from "../write-whole.ts";

interface Files {
  readonly home: string;
  /** The one that the policy is in. */
  readonly file: string;
  /** Where the policy goes with what is new; undefined: nowhere. */
  readonly output: string | undefined;
}

/** Prints what is new, and notes that there was one more run. Throws InputError. */
export function extendPolicies(
  { rules }: CheckedRuleSet,
  tables: ReadonlyMap<string, UseTable>,
  { home, file, output }: Files,
): void {
  const added: AddedEntry[] = [];
  for (const [policy, table] of tables) {
    const parts = rules.flatMap(({ policy: part }) => (part?.policy === policy ? [part] : []));
    const { entries, notProposed } = addedEntries(parts, table.all(), home);
    for (const line of notProposedLines(notProposed)) rawNotice(line);
    added.push(...entries);
  }
  for (const { policy, right, at, line } of added)
    rawNotice(`new for ${right} of ${policy} at ${at}: ${line}`);
  const source = rules.find(({ policy }) => policy !== undefined)?.policy?.list.file;
  const text = source?.text ?? "";
  const before = learnedRuns(text);
  const runs = nextRun(before ?? { runs: 0, silent: 0 }, added.length > 0);
  if (added.length === 0)
    rawNotice(
      before === undefined
        ? "nothing new"
        : `nothing new in the last ${plural(runs.silent, "run")}, ${runs.runs} in all`,
    );
  if (source === undefined) return;
  if (output !== undefined) writeWhole(output, withRuns(withEntries(text, source, added), runs));
  else if (before !== undefined && existsSync(file)) noteRun(file, withRuns(text, runs));
}

/** The count alone: a file that cannot be written stays as it is. */
function noteRun(file: string, text: string): void {
  try {
    writeWhole(file, text);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    rawNotice(`${error.message}; the run is not counted`);
  }
}
