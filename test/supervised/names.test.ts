/** Names that lead to a protected file by ways that we cannot simply let the kernel go for the program. */
import assert from "node:assert/strict";
import { chmodSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { testAsEach } from "./sct.ts";

/** Prints what was reached, which should be nothing; `home` is the directory of the protected file. */
const PRELUDE = `import os, sys, ctypes, threading, resource
libc = ctypes.CDLL(None)
home = os.getcwd() + "/home"
attempts = 0
def attempt(what, name, flags=os.O_RDONLY, **where):
    global attempts
    attempts += 1
    try: os.open(name, flags, **where)
    except PermissionError: return
    except OSError as error: print(what, error)
    else: print(what, "is through")
def put(directory, number): os.dup2(os.open(directory, os.O_RDONLY), number)
attempt("plainly", home + "/precious")
`;
const DONE = "\nprint(attempts, 'attempts')\n";

const WAYS: Readonly<Record<string, string>> = {
  "dots behind a descriptor that sct does not have": `
put(home + "/sub", 500); put(home, 501)
for number in "/dev/fd/500/..", "/dev/fd/501/.", "/proc/./self/fd/500/..", "/proc/self/./fd/500/./..":
    attempt(number, number + "/precious")`,
  "dots in a directory that is deleted": `
os.mkdir(home + "/gone"); os.chdir(home + "/gone"); put(".", 500); os.rmdir(home + "/gone")
for name in "../precious", ".././precious", "./../precious", "/dev/fd/500/../precious", "/proc/self/fd/500/../precious":
    attempt(name, name)
attempt("from a descriptor", "../precious", dir_fd=500)`,
  "more than the kernel takes at once": `
for i in range(1000): os.mkdir("a"); os.chdir("a")
attempt("far up", "../" * 1000 + "home/precious")`,
  "many links that lead nowhere": `
for i in range(30): os.symlink(f"link{i + 1}", f"link{i}")
os.symlink(home + "/new", "link30")
attempt("by links", "link0", os.O_CREAT | os.O_RDWR)`,
  "what a thread alone has": `
def run():
    libc.unshare(0x600) # CLONE_FILES | CLONE_FS
    put(home, 500); os.chdir(home)
    for name in "precious", "/proc/thread-self/fd/500/precious", "/proc/thread-self/cwd/precious", "/proc/./thread-self/cwd/precious":
        attempt(name, name)
put("/", 500)
thread = threading.Thread(target=run); thread.start(); thread.join()`,
  "a directory that openat2 takes for the root": `
libc = ctypes.CDLL(None, use_errno=True)
how = b"".join(n.to_bytes(8, "little") for n in (0, 0, 16)) # RESOLVE_IN_ROOT
directory = os.open(home, os.O_PATH)
os.symlink("/precious", home + "/link")
for name in "precious", "/precious", "../../precious", "/sub/../precious", "link":
    attempts += 1
    fd = libc.syscall(437, directory, name.encode(), how, 24)
    if fd >= 0 or ctypes.get_errno() != 13: print(name, fd)`,
  "an sct that may open nothing": `
def parent(pid): return int(open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()[1])
resource.prlimit(parent(os.getppid()), resource.RLIMIT_NOFILE, (4, 4))
attempt("limited", home + "/./precious")
attempt("limited", home + "/sub/../precious")`,
};

for (const [way, script] of Object.entries(WAYS))
  testAsEach(`no way around a path: ${way}`, (place) => {
    const { directory } = place;
    const home = join(directory, "home");
    for (const name of [home, join(home, "sub")]) {
      mkdirSync(name);
      chmodSync(name, 0o777);
    }
    writeFileSync(join(home, "precious"), "");
    const rules = `rule { syscall_name = open action { type = FAIL error_code = EACCES }
      filter_expression { PATH in ("${home}/precious", "${home}/new") } }`;
    const program = `${PRELUDE}parent = os.getpid()${script}${DONE}`;
    const { stdout, stderr } = place.under(rules, ["/usr/bin/python3", "-c", program]);
    assert.match(stdout, /^\d+ attempts\n$/, stderr);
    assert.ok(!existsSync(join(home, "new")));
  });

/** A root that is not where the process is; and ids, with a /proc, of its own. */
const OTHER_ROOTS = `
if libc.unshare(0x10000000) != 0: # CLONE_NEWUSER
    print("no namespaces"); sys.exit()
os.chdir(home); put(home, 500); os.mkdir("../empty"); os.chroot("../empty")
for name in "precious", "./precious", "sub/../precious": attempt(name, name)
attempt("from a descriptor", "precious", dir_fd=500)`;
const OTHER_IDS = `
if libc.unshare(0x30020000) != 0: # CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID
    print("no namespaces"); sys.exit()
def all():
    for name in "/proc/self/fd/500/..", "/dev/fd/500/..", "/proc/self/root" + home: attempt(name, name + "/precious")
    open("/proc/self/status").close(); open("/proc/mounts").close()
put(home + "/sub", 500)
if os.fork() == 0:
    all()
    libc.mount(b"none", b"/", None, 0x44000, None) # MS_REC | MS_PRIVATE
    if libc.mount(b"proc", b"/proc", b"proc", 0, None) == 0: all()
    os._exit(0)
os.wait()`;

for (const [what, script] of [
  ["outside of its root", OTHER_ROOTS],
  ["with other process ids", OTHER_IDS],
])
  testAsEach(`no way around a path for a process ${what}`, (place, t) => {
    const home = join(place.directory, "home");
    for (const name of [home, join(home, "sub")]) mkdirSync(name);
    writeFileSync(join(home, "precious"), "");
    const rules = `rule { syscall_name = open filter_expression { PATH == "${home}/precious" }
      action { type = FAIL error_code = EACCES } }`;
    const program = `${PRELUDE}${script}${DONE}`;
    const { stdout, stderr } = place.under(rules, ["/usr/bin/python3", "-c", program]);
    if (stdout === "no namespaces\n") return t.skip("this system gives no namespaces to this user");
    assert.match(stdout, /^\d+ attempts\n$/, stderr);
  });
