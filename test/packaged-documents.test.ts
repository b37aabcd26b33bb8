/** Whoever has the package alone can follow what its documents and programs point to. */
import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { packagedDocuments } from "../scripts/package/documents.ts";

const repository = fileURLToPath(new URL("..", import.meta.url));
const read = (name: string): string => readFileSync(join(repository, name), "utf8");

/** As GitHub makes them of headings. */
function anchorsOf(text: string): readonly string[] {
  return [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
      .replaceAll(" ", "-"),
  );
}

for (const name of packagedDocuments) {
  test(`links of docs/${name} lead to what is packaged`, () => {
    const text = read(`docs/${name}`);
    for (const [, link = ""] of text.matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^https?:/.test(link)) continue;
      const [file = "", anchor] = link.split("#", 2);
      const target = file === "" ? name : file;
      assert.ok(packagedDocuments.includes(target), `${link} is not packaged`);
      if (anchor === undefined) continue;
      assert.ok(anchorsOf(read(`docs/${target}`)).includes(anchor), `${link} leads nowhere`);
    }
  });
}

test("documents that installed files name are packaged", () => {
  const files = globSync(["src/cli/**/*.ts", "etc/*", "packaging/*", "examples/*"], {
    cwd: repository,
  });
  for (const file of files)
    for (const [, name = ""] of read(file).matchAll(/\bdocs\/([\w-]+\.md)/g))
      assert.ok(packagedDocuments.includes(name), `${file} names ${name}`);
});
