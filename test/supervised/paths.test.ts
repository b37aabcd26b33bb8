/** PATH against the kernel: a program opens paths of all sorts, and says which files it has got. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { testAsEach } from "./sct.ts";

const OPENED = `import json, os, random
random.seed(SEED)
home = os.getcwd()
os.makedirs("sub/deep"); os.mkdir("other")
for name in "sub/f", "other/f": open(name, "w").close()
for name, target in {"near": "sub", "far": home + "/other", "sub/up": "../other/f", "dangling": "no/x",
                     "here": "/proc/self/cwd", "open": "/dev/fd/500"}.items(): os.symlink(target, name)
os.chdir("sub"); os.dup2(os.open("deep", 0), 500); os.dup2(os.open(home, 0), 501)
starts = ["", "", "", "/", home + "/", "/dev/fd/500/", "/proc/self/cwd/", "/proc/self/fd/500/", "/proc/thread-self/cwd/",
          "/proc/./self/root" + home + "/", "//proc/self/fd/501/"]
parts = ". .. .. sub deep f near far up dangling here open other x fd 500 self cwd root".split() + [""]
def some():
    # a slash behind a link to what only this process has open: found by chance once, and rare
    for path in "../open/", "../open//", "../open", "../here/": yield path, os.O_NOFOLLOW, None
    for i in range(1500):
        path = random.choice(starts) + "/".join(random.choice(parts) for _ in range(random.randint(0, 5)))
        if path == "": continue
        yield path, random.choice([0, 0, os.O_NOFOLLOW]), random.choice([None, 500, 501])
def all():
    for path, flags, where in some():
        flags |= os.O_PATH
        try: fd = os.open(path, flags, dir_fd=where)
        except OSError: print(json.dumps([path, None])); continue
        print(json.dumps([path, os.readlink(f"/proc/self/fd/{fd}")]))
        os.close(fd)
`;
/** The same with another /proc, in which the process has another id. */
const APART = `import ctypes, sys
libc = ctypes.CDLL(None)
if libc.unshare(0x30020000) != 0: sys.exit(77) # CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID
if os.fork() != 0: sys.exit(os.waitstatus_to_exitcode(os.wait()[1]))
libc.mount(b"none", b"/", None, 0x44000, None) # MS_REC | MS_PRIVATE
if libc.mount(b"proc", b"/proc", b"proc", 0, None) != 0: sys.exit(77)
all()`;
const RULE =
  "rule { syscall_name = open filter_expression { PARAMS[2] & 0x200000 } action { type = LOG } }";

for (const [where, run] of [
  ["", "all()"],
  [" in namespaces of its own", APART],
])
  testAsEach(`PATH is the file that the kernel opens${where}`, (place, t) => {
    const seed = Math.floor(Math.random() * 1e6);
    const program = OPENED.replace("SEED", String(seed)) + run;
    const options = ["--json", "-o", "log", "-e", RULE];
    const { stdout, stderr, status } = place.run(options, ["/usr/bin/python3", "-c", program]);
    if (status === 77) return t.skip("this system gives no namespaces to this user");
    assert.equal(status, 0, stderr);
    const events = jsonLines(readFileSync(join(place.directory, "log"), "utf8"));
    const opened = jsonLines(stdout);
    assert.equal(events.length, opened.length);
    let count = 0;
    for (const [i, [path, file]] of opened.entries()) {
      assert.equal(events[i].params[0].value, path);
      if (file === null) continue;
      count++;
      assert.equal(events[i].path, file, `${path}, seed ${seed}`);
    }
    assert.ok(count > 50, `${count} files were opened`);
  });

/** Names longer than file systems have, as long as a path may be: with the directory in front it is too long for us to ask for. */
const LONG = `import os
os.makedirs("sub", exist_ok=True)
open("f", "w").close()
for size in 300, 4000, 4095:
    for name in "a" * size, "./" + "a" * (size - 2), "sub/" + "a" * (size - 4):
        for call in (lambda: os.open(name, 0)), (lambda: os.unlink(name)), (lambda: os.rename("f", name)), (lambda: os.link("f", name)):
            try: call(); print("done")
            except OSError as error: print(error.errno)
`;

testAsEach("a name that is too long is refused by the kernel, and by no rule", (place) => {
  const rule = (call: string) =>
    `rule { syscall_name = ${call} filter_expression { PATH == "/no/such" } action { type = FAIL error_code = EPERM } }`;
  const command = ["/usr/bin/python3", "-c", LONG];
  const { stdout } = place.plain(command);
  assert.match(stdout, /^36$/m);
  const under = place.under(rule("open") + rule("unlink, rename, link"), command);
  assert.equal(under.stdout, stdout);
  assert.doesNotMatch(under.stderr, /unreadable/);
});

// biome-ignore lint/suspicious/noExplicitAny: events and what the program prints
function jsonLines(text: string): any[] {
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line));
}
