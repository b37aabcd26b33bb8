/** A reader who has the package alone can follow what its documents and programs point to. */
import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { packagedDocuments } from "../scripts/package/documents.ts";

const repository = fileURLToPath(new URL("..", import.meta.url));
const read = (name: string): string => readFileSync(join(repository, name), "utf8");
/** In the package as Debian wants it, in the file `copyright`. */
const ELSEWHERE = new Set(["LICENSE"]);

/** As GitHub makes them of headings. */
function anchorsOf(text: string): readonly string[] {
  return [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
      .replaceAll(" ", "-"),
  );
}

function isPackaged(path: string): boolean {
  return packagedDocuments.some((name) => name === path || name.startsWith(`${path}/`));
}

for (const name of packagedDocuments.filter((path) => path.endsWith(".md"))) {
  test(`links of ${name} lead to what is packaged`, () => {
    for (const [, link = ""] of read(name).matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^https?:/.test(link)) continue;
      const [file = "", anchor] = link.split("#", 2);
      const target = file === "" ? name : normalize(join(dirname(name), file));
      assert.ok(isPackaged(target) || ELSEWHERE.has(target), `${link} is not packaged`);
      if (anchor === undefined) continue;
      assert.ok(anchorsOf(read(target)).includes(anchor), `${link} leads nowhere`);
    }
  });
}

test("documents that installed files name are packaged", () => {
  const files = globSync(
    ["src/cli/**/*.ts", "etc/*", "packaging/*", "examples/*", "docs/**/*.md"],
    {
      cwd: repository,
      exclude: ["src/**/*.test.ts"],
    },
  );
  assert.ok(files.length > 0);
  for (const file of files)
    for (const [path] of read(file).matchAll(/\bdocs\/[\w/-]+\.md/g))
      assert.ok(packagedDocuments.includes(path), `${file} names ${path}`);
});
