/**
 * `npm run generate` writes the data about calls and constants again from this machine's kernel and headers
 * (root; needs tracefs, linux-libc-dev, gcc). `npm run generate -- --check` writes nothing and exits 1 if
 * the result would differ from what is there.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { readOptions } from "../options.ts";
import { generateConstants, generatePrintedConstants } from "./constants.ts";
import { generateErrorTexts } from "./error-texts.ts";
import { generateTables } from "./tables.ts";
import { MissingError } from "./tracefs.ts";

const LINUX = new URL("../../src/linux/", import.meta.url);

const USAGE = `Usage: npm run generate [-- --check]
Write the data about calls and constants again from this machine's kernel and headers.
Needs root, tracefs, linux-libc-dev and gcc. --check writes nothing and exits with 1 if something would differ.`;

const { values } = readOptions(USAGE, { check: { type: "boolean", default: false } });
const files = new Map<string, string>();
for (const [abi, text] of Object.entries(tablesOrEnd())) {
  files.set(`table/${abi}.generated.ts`, text);
}
files.set("flags/headers.generated.ts", generateConstants());
files.set("flags/printed.generated.ts", generatePrintedConstants());
files.set("flags/errors.generated.ts", generateErrorTexts());

const isCheck = values.check;
let stale = 0;
for (const [name, text] of files) {
  const file = new URL(name, LINUX);
  if (existsSync(file) && readFileSync(file, "utf8") === text) continue;
  stale += 1;
  console.log(`src/linux/${name} ${isCheck ? "differs" : "written"}`);
  if (!isCheck) writeFileSync(file, text);
}
if (stale === 0) console.log("up to date");
if (isCheck && stale > 0) process.exitCode = 1;

/** What the machine lacks is no bug, so no stack trace either. */
function tablesOrEnd(): ReturnType<typeof generateTables> {
  try {
    return generateTables();
  } catch (error) {
    if (!(error instanceof MissingError)) throw error;
    console.error(error.message);
    process.exit(3);
  }
}
