/** `npm run generate:man [-- DIR]`: writes the manual pages into man/, as a package is made. */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { manualPages } from "./pages.ts";

const [directory = "man"] = process.argv.slice(2);

rmSync(directory, { recursive: true, force: true });
mkdirSync(directory, { recursive: true });
const pages = await manualPages();
for (const [name, text] of pages) writeFileSync(join(directory, name), text);
console.log(`${directory}: ${pages.size} manual pages`);
