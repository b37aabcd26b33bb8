/** Names of what parameters lead to by command: the members of several structs, each there for some commands. */

/** `fcntl.arg` */
export function commandStruct(call: string, param: string): string {
  return `${call}.${param}`;
}

/** A type of a row (TypesBy) that has members. */
export function isStruct(type: string | undefined): boolean {
  return type?.startsWith("struct") === true;
}
