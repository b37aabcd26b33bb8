/** The ids of a user and of the groups that the user is in, from the files that list them. */
import { readFileSync } from "node:fs";
import { TraceUsageError } from "./usage-error.ts";

export interface User {
  readonly uid: number;
  readonly gid: number;
  readonly groups: readonly number[];
}

/** Throws TraceUsageError where there is no such user. */
export function findUser(name: string): User {
  const entry = fieldsOf("/etc/passwd").find(([user]) => user === name);
  if (entry === undefined) throw new TraceUsageError(`Cannot find user '${name}'`);
  const [uid, gid] = [Number(entry[2]), Number(entry[3])];
  const groups = fieldsOf("/etc/group")
    .filter(([, , , members = ""]) => members.split(",").includes(name))
    .map(([, , id]) => Number(id));
  return { uid, gid, groups: [...new Set([gid, ...groups])] };
}

function fieldsOf(path: string): readonly (readonly string[])[] {
  return readFileSync(path, "utf8")
    .split("\n")
    .map((line) => line.split(":"));
}
