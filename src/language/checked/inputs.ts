/**
 * Whether what a rule decides on can be changed by others between the decision and the call. Where each node lies says
 * the table of traits.
 */
import { variable } from "../../variables/index.ts";
import type { ValueSource } from "../vocabulary.ts";
import { factsOf } from "./facts.ts";
import type { CheckedRule } from "./rule.ts";
import { NODE_TRAITS } from "./traits.ts";

export interface Inputs {
  /** Memory of the caller: another thread, or a process that shares the page, can change it. */
  readonly memory: boolean;
  /** Files that names lead to: somebody can exchange a directory or a link on the way. */
  readonly files: boolean;
  /** What descriptors stand for: another thread can put another file in the place of one. */
  readonly descriptors: boolean;
}

/** For all calls that the rule sees. */
export function inputsOf({ targets }: Pick<CheckedRule, "targets">): Inputs {
  const found = { memory: false, files: false, descriptors: false };
  for (const { filter, presentations } of targets) {
    const facts = factsOf(filter);
    const places = new Set([...facts.kinds].map((kind) => NODE_TRAITS[kind].reads));
    if (places.has("memory")) found.memory = true;
    if (places.has("files")) found.files = true;
    if (places.has("descriptors")) found.descriptors = true;
    if ([...facts.variables].some((name) => variable(name).lies === "memory")) found.memory = true;
    for (const { guards, params } of presentations) {
      // which variant a call is can lie in memory, as the flags of openat2 do
      if (guards.some(({ source }) => source.kind === "memory")) found.memory = true;
      for (const index of facts.numbers) addSource(params[index - 1]?.source, found);
    }
  }
  return found;
}

/** What a descriptor stands for another thread can change. */
function addSource(
  source: ValueSource | undefined,
  found: { memory: boolean; files: boolean },
): void {
  if (source?.kind === "memory") found.memory = true;
  if (source?.kind === "process") found.files = true;
}
