/** Without a list of what may be written, names can be exchanged: by Landlock nothing is gained with that. */
import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { testAsEach } from "./sct.ts";

/** Each way ends with a try to read what is in no list, under a name that is. */
const WAYS = `
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
AT_FDCWD, EXCHANGE = -100, 2
def exchange(a, b):
    if libc.renameat2(AT_FDCWD, a.encode(), AT_FDCWD, b.encode(), EXCHANGE) != 0:
        raise OSError(ctypes.get_errno(), "")
def attempt(name, *calls):
    for call in calls:
        try: result = call()
        except OSError as error: result = "errno"
    print(name, result)
read = lambda name: open(name).read()
attempt("plain", lambda: read("work/a"))
attempt("keys", lambda: read("keys/a"))
attempt("folders", lambda: exchange("work", "keys"), lambda: read("work/a"))
attempt("old name", lambda: read("keys/a"))
attempt("back", lambda: exchange("work", "keys"), lambda: read("work/a"))
attempt("files", lambda: exchange("work/a", "keys/a"), lambda: read("work/a"))
attempt("file into it", lambda: os.rename("keys/b", "work/b"), lambda: read("work/b"))
attempt("folder into it", lambda: os.rename("keys", "work/keys"), lambda: read("work/keys/a"))
attempt("link into it", lambda: os.link("keys/a", "work/c"), lambda: read("work/c"))
attempt("folder around it", lambda: exchange("work/sub", "keys"), lambda: read("work/sub/a"))
`;

/** Rules that look on go by the name, too. */
const expected = (oldName: string): string => `plain work
keys errno
folders errno
old name ${oldName}
back work
files work
file into it errno
folder into it errno
link into it errno
folder around it errno
`;

for (const [options, oldName] of [
  [[], "errno"],
  [["-q"], "work"],
] as const)
  testAsEach(`what Landlock allows stays what it was, with options [${options}]`, (place) => {
    const at = (name: string) => join(place.directory, name);
    for (const name of ["work", "work/sub", "keys"]) mkdirSync(at(name));
    for (const name of ["work/a", "keys/a", "keys/b"])
      writeFileSync(at(name), name.replace(/\/.*/, ""));
    writeFileSync(at("ways.py"), WAYS);
    place.own(place.directory);
    const policy = `policy p {
      read { "/usr/**", "/etc/**", "/proc/**", "/dev/**", "${at("ways.py")}", "${at("work")}/**" }
      otherwise = FAIL EACCES }`;
    const run = [...options, "-e", policy];
    const { stdout, stderr } = place.run(run, ["/usr/bin/python3", "ways.py"]);
    assert.equal(stdout, expected(oldName), stderr);
  });
