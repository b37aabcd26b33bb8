/** The variables of the rule language: the only door to this room. A leaf: what reads them is above. */
import * as all from "./all.ts";
import type { FieldGroup, NumberVariable, TextVariable, Variable } from "./variable.ts";

export { type Caller, namespaceIn, type Status } from "./caller.ts";
export {
  ANONYMOUS_TYPES,
  DESCRIPTOR_MEMBERS,
  DESCRIPTOR_TYPES,
  type DescriptorMember,
  type DescriptorNumber,
  type DescriptorText,
  descriptorMembers,
  FILE_TYPE_MASK,
  isDescriptorMember,
  MOST_TYPE_NAME,
  RESEMBLING_TYPES,
  TERMINAL_MAJORS,
  TYPE_OF_MODE,
} from "./descriptor.ts";
export type {
  FieldGroup,
  IntType,
  KernelSource,
  KernelStep,
  KernelStruct,
  NumberVariable,
  RecordPlace,
  TextVariable,
  Variable,
} from "./variable.ts";

type All = typeof all;
type NamesOf<V> = { [K in keyof All]: All[K] extends V ? K : never }[keyof All];

export type IntVariable = NamesOf<NumberVariable>;
export type StringVariable = NamesOf<TextVariable>;
export type VariableName = keyof All;

const known: { readonly [K in VariableName]: All[K] } = all;
const byName: ReadonlyMap<string, Variable> = new Map(Object.entries(all));

/** In the order of the alphabet. */
export const VARIABLES: readonly (readonly [name: VariableName, variable: Variable])[] =
  Object.entries(all) as [VariableName, Variable][];

export const variableNames: readonly VariableName[] = VARIABLES.map(([name]) => name);

export function variable(name: VariableName): Variable {
  return known[name];
}

export function numberVariable(name: IntVariable): NumberVariable {
  return known[name];
}

export function textVariable(name: StringVariable): TextVariable {
  return known[name];
}

/** Undefined: there is no variable of this name. */
export function findVariable(name: string): Variable | undefined {
  return byName.get(name);
}

export function isVariable(name: string): name is VariableName {
  return byName.has(name);
}

export function isIntVariable(name: string): name is IntVariable {
  const found = byName.get(name);
  return found !== undefined && found.type !== "text";
}

export function isStringVariable(name: string): name is StringVariable {
  return byName.get(name)?.type === "text";
}

/** The macro of a variable in log formats, without the `%`. */
export function macroOf(name: VariableName): string {
  return name.toLowerCase();
}

/** The variable that a macro shows; undefined: it shows something else. */
export function findByMacro(macro: string): Variable | undefined {
  const name = macro.toUpperCase();
  return macro === name.toLowerCase() ? byName.get(name) : undefined;
}

/** What a kernel program loads the variable with; undefined: it is no field that is copied from a struct. */
export function groupOf(name: VariableName): FieldGroup | undefined {
  const { kernel } = variable(name);
  return "group" in kernel ? kernel.group : undefined;
}
