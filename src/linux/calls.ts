/** All calls of both ABIs by name, read from the generated tables on first use. */
import type { Abi } from "../language/vocabulary.ts";
import { abis, archOf } from "./arch/machine.ts";
import { type Param, readPrototype } from "./prototype.ts";

export interface Call {
  readonly name: string;
  readonly abi: Abi;
  readonly nr: number;
  /** Kernel function with its prefix (`__x64_sys_openat`, `__ia32_compat_sys_open`); undefined: none, ENOSYS. */
  readonly symbol: string | undefined;
  readonly params: readonly Param[];
}

interface Row {
  readonly nr: number;
  readonly name: string;
  readonly entry: string;
  readonly params: string;
}
interface Index {
  readonly byName: ReadonlyMap<string, Row>;
  readonly byNumber: ReadonlyMap<number, Row>;
  readonly calls: Map<string, Call>;
}
const indexes: { [abi in Abi]?: Index } = {};

/** The call of a name on an ABI. */
export function findCall(name: string, abi: Abi): Call | undefined {
  const { byName, calls } = indexOf(abi);
  const known = calls.get(name);
  if (known !== undefined) return known;
  const row = byName.get(name);
  if (row === undefined) return undefined;
  const symbol = row.entry === "-" ? undefined : archOf(abi).symbolPrefix + row.entry;
  const call = { name, abi, nr: row.nr, symbol, params: readPrototype(name, row.params, abi) };
  calls.set(name, call);
  return call;
}

/** Name of the call with a number on an ABI. */
export function callName(nr: number, abi: Abi): string | undefined {
  return indexOf(abi).byNumber.get(nr)?.name;
}

/** Names in order of number: those of the native ABI, then those that only others have. */
export function listCallNames(): readonly string[] {
  return [...new Set(abis.flatMap((abi) => [...indexOf(abi).byName.keys()]))];
}

function indexOf(abi: Abi): Index {
  const known = indexes[abi];
  if (known !== undefined) return known;
  const rows = [...archOf(abi).table.matchAll(/^(\d+) (\w+) (\S+) \((.*)\)$/gm)].map(
    ([, nr, name = "", entry = "", params = ""]): Row => ({ nr: Number(nr), name, entry, params }),
  );
  const index = {
    byName: new Map(rows.map((row) => [row.name, row])),
    byNumber: new Map(rows.map((row) => [row.nr, row])),
    calls: new Map<string, Call>(),
  };
  indexes[abi] = index;
  return index;
}
