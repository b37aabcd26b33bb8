/**
 * Builds what is shipped: modules and their types for the library, and the programs as one file each with the code that
 * V8 makes of it. `sct run` then starts in a third of the time that 150 modules take.
 *
 *   node scripts/build/main.ts [--no-check] [DIRECTORY]
 *
 * The directory is the package's root, whose dist it makes (node_modules must be there). --no-check leaves out the types
 * of function bodies, for tests: npm run check has looked at them.
 */
import { execFileSync } from "node:child_process";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { build } from "esbuild";

const root = fileURLToPath(new URL("../..", import.meta.url));
const { values, positionals } = parseArgs({
  options: { "no-check": { type: "boolean" } },
  allowPositionals: true,
});
const dist = join(positionals[0] ?? root, "dist");
/** What is one file each. Threads have no parent's modules; see src/engines/kernel/loading/thread.ts. */
const PROGRAMS = [
  // bin/start.cjs starts the other program for `sct run`
  {
    entry: "src/cli/main.ts",
    name: "sct.cjs",
    leaves: ["./run-main.ts", "../run/run.ts", "../learn/run.ts"],
  },
  // of the engines it opens one
  {
    entry: "src/cli/run-main.ts",
    name: "run.cjs",
    leaves: ["./kernel/index.ts", "./attach/index.ts"],
  },
  { entry: "src/engines/kernel/loading/thread-main.ts", name: "load-thread.cjs", leaves: [] },
  { entry: "src/proxy/thread-main.ts", name: "proxy-thread.cjs", leaves: [] },
  { entry: "src/daemon/composing/thread-main.ts", name: "compose-thread.cjs", leaves: [] },
];

/** Node itself makes functions of threads; bin/start.cjs takes the others as they are. */
function asFunction(name: string) {
  const isThread = name.endsWith("-thread.cjs");
  const url = 'const moduleUrl = require("node:url").pathToFileURL(__filename).href;';
  const open = isThread ? "" : "(function (require, __filename, __dirname) {";
  return { banner: { js: `${open}${url}` }, footer: { js: isThread ? "" : "})" } };
}

rmSync(dist, { recursive: true, force: true });
const tsc = join(root, "node_modules/.bin/tsc");
const project = join(root, "tsconfig.build.json");
const fast = values["no-check"] ? ["--noCheck", "--singleThreaded"] : [];
execFileSync(tsc, ["-p", project, "--outDir", dist, ...fast], { stdio: "inherit" });
for (const { entry, name, leaves } of PROGRAMS)
  await build({
    ...asFunction(name),
    entryPoints: [join(root, entry)],
    outfile: join(dist, "cli", name),
    bundle: true,
    format: "cjs",
    platform: "node",
    target: "node24",
    // read as latin1, which is faster
    charset: "ascii",
    // names stay as they are, for the stacks of bug reports
    minifySyntax: true,
    external: ["koffi", ...leaves],
    define: { "import.meta.url": "moduleUrl" },
    logLevel: "warning",
  });
const compileAhead = join(import.meta.dirname, "compile-ahead.cjs");
for (const name of ["run before", "run after", "sct"])
  execFileSync(process.execPath, [compileAhead, join(dist, "cli"), ...name.split(" "), "true"], {
    stdio: "inherit",
  });
