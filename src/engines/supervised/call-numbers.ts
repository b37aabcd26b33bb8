/** Numbers of calls by name, from the tables of src/linux. */
import type { Abi } from "../../language/index.ts";
import { vocabulary } from "../../linux/index.ts";

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
