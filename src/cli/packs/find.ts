/** Where packs are, and the user's own files over them. Never in the folder of a project: it must not bring its own permissions. */
import { existsSync, readdirSync } from "node:fs";
import { homedir } from "node:os";
import { basename, join } from "node:path";
import { nearest } from "../../language/suggest.ts";
import { UsageError } from "../errors.ts";
import { packageFile } from "../package-root.ts";

const ENDING = ".conf";
/** A line of a pack whose policy holds each install script, and not the command. */
const OF_SCRIPTS = /^# pack: each install script$/m;

export const isOfScripts = (text: string): boolean => OF_SCRIPTS.test(text);

/** Names of those in the package. */
export function packNames(): readonly string[] {
  return readdirSync(packageFile("packs"))
    .filter((name) => name.endsWith(ENDING))
    .map((name) => basename(name, ENDING))
    .toSorted();
}

/** `--pack NAME`, or a file, which has a slash or the ending of one. Throws UsageError for a name that there is not. */
export function packPath(given: string): string {
  if (given.includes("/") || given.endsWith(ENDING)) return given;
  const names = packNames();
  if (names.includes(given)) return packageFile(`packs/${given}${ENDING}`);
  const meant = nearest(given, names);
  throw new UsageError(
    `no pack is called '${given}'${meant === undefined ? `; there are ${names.join(", ")}` : `, did you mean '${meant}'?`}`,
  );
}

/** The user's own file over a pack, if there is one. */
export function ownFileOver(given: string): string | undefined {
  const path = ownPathOver(given);
  return existsSync(path) ? path : undefined;
}

/** Where that file is, or would be. */
export function ownPathOver(given: string): string {
  return join(ownFolder(), "packs", `${basename(given, ENDING)}${ENDING}`);
}

/** What the user has decided for all runs. */
export function ownFolder(): string {
  return join(process.env["XDG_CONFIG_HOME"] || join(userHome(), ".config"), "syscalltrack");
}

export const userHome = (): string => process.env["HOME"] || homedir();
