/** What a package has to read: all that the README leads to, under the paths that it has in a checkout. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const repository = fileURLToPath(new URL("../..", import.meta.url));
/** Paths below the repository, and below the package's own folder of documents. */
export const packagedDocuments: readonly string[] = [
  "README.md",
  "CHANGELOG.md",
  "CONTRIBUTING.md",
  ...filesOf("docs"),
  ...filesOf("examples"),
];

function filesOf(directory: string): readonly string[] {
  return readdirSync(join(repository, directory), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(repository.length))
    .toSorted();
}
