/*
 * Starts the built program, or that of `sct run`: one file each, with the code that V8 made of it when it was built, so
 * that nothing is parsed again at each start. V8 itself refuses code of another version; then it compiles the text.
 */
const { readFileSync } = require("node:fs");
const { dirname } = require("node:path");
const { constants, Script } = require("node:vm");

/** Runs the bundle; returns the script, of which the build takes the compiled code. */
function start(file, cachedData) {
  const text = readFileSync(file, "latin1");
  const script = new Script(`(function (require, __filename, __dirname) {${text}\n})`, {
    filename: file,
    cachedData,
    importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
  });
  script.runInThisContext()(require, file, dirname(file));
  return script;
}

function readCode(file) {
  try {
    return readFileSync(file);
  } catch {
    return undefined;
  }
}

if (require.main === module) {
  const isOverCommand = process.argv[2] === "run" || process.argv[2] === "learn";
  if (Number.parseInt(process.versions.node, 10) < 24) {
    process.stderr.write(`sct: Node.js 24 or newer is needed, found ${process.version}\n`);
    process.exit(isOverCommand ? 125 : 3);
  }
  // `sct run`, with `sct learn`, is a program of its own
  const name = isOverCommand ? "run" : "sct";
  const file = `${dirname(__dirname)}/dist/cli/${name}.cjs`;
  start(file, readCode(`${file}.code`));
}

module.exports = { readCode, start };
