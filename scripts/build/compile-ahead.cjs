/*
 * Makes the file that bin/start.cjs reads: V8's code of the bundle, with the functions that a run of `sct run` has
 * used, and those of the file that was there before. A function that was never called would be compiled at each
 * start again; `before` rules and `after` rules are carried out by different engines.
 *
 *   node compile-ahead.cjs BUNDLE before|after true
 */
const { writeFileSync } = require("node:fs");
const { readCode, start } = require("../../bin/start.cjs");
const koffi = require("koffi");

const [bundle, when] = process.argv.splice(2);
const rules = `rule { syscall_name = @file when = ${when} filter_expression { PATH startswith "/no/" } action { type = LOG } }
  rule { syscall_name = @file when = ${when} action { type = LOG } }`;
// it takes its command from the end of /proc/self/cmdline, so `true` has to end ours
process.argv.push("run", "-o", "/dev/null", "-e", rules, "--", "true");

/** `sct run` leaves by _exit(2): the moment to look at what was compiled. */
function beforeExit(exit) {
  return (status) => {
    writeFileSync(`${bundle}.code`, script.createCachedData());
    exit(status);
  };
}

const { load } = koffi;
koffi.load = (...args) => {
  const library = load(...args);
  const func = library.func.bind(library);
  return {
    func: (declaration) =>
      declaration.includes("_exit") ? beforeExit(func(declaration)) : func(declaration),
  };
};

const script = start(bundle, readCode(`${bundle}.code`));
