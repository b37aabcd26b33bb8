/** What the lock file says is needed to run, on this machine. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

interface LockFile {
  readonly packages: Readonly<Record<string, { readonly dev?: true; readonly optional?: true }>>;
}

const PREFIX = "node_modules/";

/** Names of the packages; what is for other machines is not installed, and left out. */
export function productionPackages(repository: string): readonly string[] {
  const text = readFileSync(join(repository, "package-lock.json"), "utf8");
  const { packages } = JSON.parse(text) as LockFile;
  return Object.entries(packages).flatMap(([path, { dev, optional }]) => {
    if (!path.startsWith(PREFIX) || dev === true) return [];
    if (existsSync(join(repository, path))) return [path.slice(PREFIX.length)];
    if (optional === true) return [];
    throw new Error(`${path} is not installed: run npm ci`);
  });
}
