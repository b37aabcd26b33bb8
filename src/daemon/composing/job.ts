/** What is made of rule texts, as plain data in and out: it can be done in any thread. */
import { RuleFiles } from "../../rule-files/index.ts";
import {
  type Composed,
  collectIncludes,
  compose,
  includesOf,
  removeRules,
} from "../rules/rule-set.ts";
import type { IncludedText, RuleText } from "../socket/protocol.ts";

export type Job =
  /** The rules of a canonical text, those of the files behind them. */
  | {
      readonly kind: "compose";
      readonly inForce: string;
      readonly files?: readonly RuleText[];
      readonly includes?: readonly IncludedText[];
      /** What messages call the canonical text. */
      readonly name?: string;
    }
  /** The rules of a canonical text without those that are named. */
  | { readonly kind: "remove"; readonly inForce: string; readonly names: readonly string[] }
  /** Rule files of this machine, and what they include, as a request has them. */
  | { readonly kind: "read"; readonly paths: readonly string[] };

/** What came of each kind. */
export interface Results {
  readonly compose: Composed;
  /** `unknown`: names that no rule has. */
  readonly remove: Composed | { readonly unknown: readonly string[] };
  readonly read:
    | { readonly files: readonly RuleText[]; readonly includes: readonly IncludedText[] }
    | { readonly problem: string };
}

export type JobOf<K extends Job["kind"]> = Extract<Job, { readonly kind: K }>;

/** Does a job in the thread of the caller, which does nothing else meanwhile: 1,000 rules take 100 ms. */
export function workOn<K extends Job["kind"]>(job: JobOf<K>): Results[K];
export function workOn(job: Job): Results[keyof Results] {
  switch (job.kind) {
    case "compose": {
      const { inForce, files = [], includes = [], name } = job;
      const options = {
        loadInclude: includesOf(includes),
        ...(name === undefined ? {} : { name }),
      };
      return compose(inForce, files, options);
    }
    case "remove": {
      const removal = removeRules(job.inForce, job.names);
      return removal.ok ? compose(removal.source) : { unknown: removal.unknown };
    }
    case "read":
      return read(job.paths);
  }
}

function read(paths: readonly string[]): Results["read"] {
  const reader = new RuleFiles({ readsPipes: false });
  const files: RuleText[] = [];
  for (const path of paths) {
    const file = reader.read(path);
    if ("error" in file) return { problem: `cannot read ${path}: ${file.error}` };
    files.push(file);
  }
  return { files, includes: collectIncludes(files, reader.include).includes };
}
