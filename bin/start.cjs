/*
 * Starts the built program, or that of `sct run`: one file each, with the code that V8 made of it when it was built, so
 * that nothing is parsed again at each start. V8 itself refuses code of another version; then it compiles the text.
 */
const { readFileSync } = require("node:fs");
const { dirname } = require("node:path");
const { constants, Script } = require("node:vm");

/** Runs the bundle; returns the script, of which the build takes the compiled code. */
function start(file, cachedData) {
  // the build has made a function of it: text that is put together here would be there three times
  const bytes = readFileSync(file);
  const script = new Script(bytes.toString("latin1"), {
    filename: file,
    cachedData,
    importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
  });
  release(bytes);
  if (cachedData !== undefined) release(cachedData);
  script.runInThisContext()(require, file, dirname(file));
  return script;
}

/** Nobody looks at them any more; the garbage collector would let them lie. */
function release({ buffer, length }) {
  if (buffer.byteLength === length) buffer.transfer(0);
}

function readCode(file) {
  try {
    return readFileSync(file);
  } catch {
    return undefined;
  }
}

if (require.main === module) {
  const isOverCommand = ["run", "learn", "trace"].includes(process.argv[2]);
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
