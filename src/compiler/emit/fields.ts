/** Fills the fixed fields of the record from the task, the caller. */
import { R1, R2, R7, R9, type Register } from "../../bpf/asm/index.ts";
import { COMM_SIZE, RecordOffset } from "../../events/layout.ts";
import {
  type FieldGroup,
  type KernelStruct,
  VARIABLES,
  type VariableName,
} from "../../variables/index.ts";
import type { Context } from "./context.ts";

/** A variable that is copied from a kernel struct to a field of the record. */
interface Copied {
  readonly name: VariableName;
  readonly from: KernelStruct;
  readonly to: number;
  readonly isName: boolean;
}

/** In the order in which they are filled. */
export const ALL_GROUPS: readonly FieldGroup[] = [
  "process",
  "parent",
  "pcomm",
  "creds",
  "comm",
  "audit",
];

const MEMBERS: ReadonlyMap<FieldGroup, readonly Copied[]> = new Map(
  ALL_GROUPS.map((group) => [group, membersOf(group)]),
);

/** In the order of the record. */
function membersOf(group: FieldGroup): readonly Copied[] {
  return VARIABLES.flatMap(([name, { kernel, record }]): Copied[] => {
    if (!("group" in kernel) || kernel.group !== group) return [];
    if (record.in !== "id" && record.in !== "name")
      throw new Error(`${name} has no field of the record to be copied to`);
    const to = RecordOffset[record.field];
    return [{ name, from: kernel.from, to, isName: record.in === "name" }];
  }).toSorted((a, b) => a.to - b.to);
}

/** Emits the loads for the groups that are not filled yet, and remembers them as filled. */
export function fillFields(c: Context, groups: Iterable<FieldGroup>): void {
  for (const group of groups) {
    if (c.filled.has(group)) continue;
    c.filled.add(group);
    fill(c, MEMBERS.get(group) ?? []);
  }
}

/** Those of one group are in one struct. */
function fill(c: Context, members: readonly Copied[]): void {
  const [first] = members;
  if (first === undefined) return;
  const struct = findStruct(c, first.from);
  for (const { name, to, isName } of members) {
    const from = c.facts.variables[name];
    if (from === undefined) c.a.store("u32", R9, to, -1);
    else if (isName)
      for (let i = 0; i < COMM_SIZE; i += 8) copy(c, "u64", struct, from + i, to + i);
    else copy(c, "u32", struct, from, to);
  }
}

/** The register that points to the struct: r7, or r2. */
function findStruct({ a, facts: { task } }: Context, struct: KernelStruct): Register {
  switch (struct) {
    case "task":
      return R7;
    case "cred":
      a.load("u64", R2, R7, task.cred);
      return R2;
    case "parent":
      a.load("u64", R2, R7, task.realParent);
      return R2;
    case "parentLeader":
      a.load("u64", R2, R7, task.realParent).load("u64", R2, R2, task.groupLeader);
      return R2;
  }
}

function copy(c: Context, size: "u32" | "u64", base: Register, from: number, to: number): void {
  c.a.load(size, R1, base, from).store(size, R9, to, R1);
}
