/** Numbers of calls, from the tables of src/linux. */
import type { Abi } from "../../language/index.ts";
import {
  byAbi,
  type Change,
  callsWhere,
  type Escape,
  rowOf,
  vocabulary,
} from "../../linux/index.ts";

export type Numbers = Readonly<Record<Abi, ReadonlySet<number>>>;

/** Names that the ABI lacks are left out. */
export function findNumbers(names: readonly string[], abi: Abi): ReadonlySet<number> {
  return new Set(
    names.flatMap((name) =>
      (vocabulary.presentations(name, "exact") ?? [])
        .filter((presentation) => presentation.abi === abi)
        .map(({ nr }) => nr),
    ),
  );
}

export function numbersOf(names: readonly string[]): Numbers {
  return byAbi((abi) => findNumbers(names, abi));
}

/** Calls that are one of these ways out of supervision. */
export function callsEscaping(...ways: readonly Escape[]): readonly string[] {
  return callsWhere(({ escapes }) => ways.some((way) => escapes?.includes(way)));
}

/** Whether the call may change one of them. */
export function mayChange(call: string, ...what: readonly Change[]): boolean {
  return rowOf(call).changes?.some((change) => what.includes(change)) ?? false;
}

export function callsChanging(...what: readonly Change[]): readonly string[] {
  return callsWhere(({ changes }) => what.some((change) => changes?.includes(change)));
}
