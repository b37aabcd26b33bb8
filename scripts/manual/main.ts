/** `npm run generate:man [-- DIR]`: writes the manual pages into man/, as a package is made. */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readOptions } from "../options.ts";
import { manualPages } from "./pages.ts";

const USAGE = `Usage: npm run generate:man [-- DIR]
Write the manual pages into DIR, which is emptied before; default: man.`;

const [directory = "man"] = readOptions(USAGE, {}, 1).positionals;

rmSync(directory, { recursive: true, force: true });
mkdirSync(directory, { recursive: true });
const pages = await manualPages();
for (const [name, text] of pages) writeFileSync(join(directory, name), text);
console.log(`${directory}: ${pages.size} manual pages`);
