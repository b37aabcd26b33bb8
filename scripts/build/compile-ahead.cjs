/*
 * Makes the files that bin/start.cjs reads: V8's code of a program, with the functions that a run has used, and those of
 * the file that was there before. A function that was never called would be compiled again at each start.
 *
 *   node compile-ahead.cjs DIRECTORY run before|after true     `before` rules and `after` rules are carried out by different engines
 *   node compile-ahead.cjs DIRECTORY sct true                  rules are read and explained, as by most commands
 */
const { writeFileSync } = require("node:fs");
const { readCode, start } = require("../../bin/start.cjs");

const [directory, name, when] = process.argv.splice(2);
const file = `${directory}/${name}.cjs`;
const save = () => writeFileSync(`${file}.code`, script.createCachedData());

if (name === "run") {
  const rules = `rule { syscall_name = @file when = ${when} filter_expression { PATH startswith "/no/" } action { type = LOG } }
  rule { syscall_name = @file when = ${when} action { type = LOG } }`;
  // it takes its command from the end of /proc/self/cmdline, so `true` has to end ours
  process.argv.push("run", "-o", "/dev/null", "-e", rules, "--", "true");
  // it leaves by _exit(2): the moment to look at what was compiled
  const koffi = require("koffi");
  const { load } = koffi;
  koffi.load = (...args) => {
    const library = load(...args);
    const func = library.func.bind(library);
    return {
      func: (declaration) =>
        declaration.includes("_exit") ? beforeExit(func(declaration)) : func(declaration),
    };
  };
} else {
  process.argv.push("check", `${__dirname}/../../examples/article1.conf`);
  process.stdout.write = () => true;
  process.on("exit", save);
}

function beforeExit(exit) {
  return (status) => {
    save();
    exit(status);
  };
}

const script = start(file, readCode(`${file}.code`));
