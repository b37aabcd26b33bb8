/**
 * `npm run package:deb [-- --out DIR] [--version V] [--compression xz|gzip|none]`: builds the Debian package of this
 * checkout into build/ and prints its path.
 */
import { chmodSync, lstatSync, mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { version } from "../../src/cli/version.ts";
import { readOptions } from "../options.ts";
import { buildDeb } from "./deb.ts";
import { repository, stage } from "./stage.ts";

const USAGE = `Usage: npm run package:deb [-- --out DIR] [--version V] [--compression xz|gzip|none]
Build the Debian package of this checkout into DIR, by default build, and print its path.`;

const { values } = readOptions(USAGE, {
  out: { type: "string", default: join(repository, "build") },
  version: { type: "string", default: version() },
  compression: { type: "string", default: "xz" },
});

// modes of files must not depend on who builds
process.umask(0o022);
const root = mkdtempSync(join(tmpdir(), "syscalltrack-deb-"));
try {
  chmodSync(root, 0o755);
  await stage(root, values.version, report);
  normalizeModes(root);
  report(`pack ${sizeOf(root)} MB with ${values.compression}`);
  console.log(buildDeb(root, values.out, values));
} finally {
  rmSync(root, { recursive: true });
}

/** Steps take seconds, the last one a minute; standard output is for the path alone. */
function report(step: string): void {
  console.error(`package:deb: ${step}`);
}

function sizeOf(directory: string): number {
  const bytes = readdirSync(directory, { recursive: true, encoding: "utf8" })
    .map((path) => lstatSync(join(directory, path)))
    .reduce((sum, entry) => sum + (entry.isFile() ? entry.size : 0), 0);
  return Math.ceil(bytes / 1e6);
}

/** Files that came from node_modules have the modes that their authors' machines gave them. */
function normalizeModes(directory: string): void {
  for (const entry of readdirSync(directory, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile())
      chmodSync(path, /\/\.?bin\//.test(path) && statSync(path).mode & 0o100 ? 0o755 : 0o644);
  }
}
