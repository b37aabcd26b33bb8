/** Names of files in namespaces that a program makes for itself, which takes no privilege. */
import assert from "node:assert/strict";
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { logRule, mechanisms } from "./mechanisms.ts";
import { type Place, testAsEach } from "./sct.ts";

const SECRET = "secret\n";
const ENVIRONMENT = ["env", "PATH=/usr/bin:/bin:/usr/sbin"];

/** Where this user gets no namespaces, nothing can be got around by them. */
function hasNamespaces(place: Place, t: TestContext): boolean {
  const { status } = place.plain([...ENVIRONMENT, "unshare", "-Urmpf", "true"]);
  if (status !== 0) t.skip("this system gives no namespaces to this user");
  return status === 0;
}

function prepare({ directory }: Place): void {
  writeFileSync(join(directory, "precious"), SECRET);
  for (const name of ["p", "sub", "upper", "work", "merged"]) mkdirSync(join(directory, name));
}

/** Every call on the file fails by the rule, each under whatever name. */
function denyPrecious({ directory }: Place, by: (typeof mechanisms)[number]): string {
  return `rule { rule_name = x syscall_name = open, unlink filter_expression { PATH == "${directory}/precious" }
    action { type = FAIL error_code = EPERM } } ${logRule(by, "acct")}`;
}

/** Ways to the file in the procfs \`p\` of a pid namespace of the program's own. */
const BY_PROCFS = [
  "cat p/self/cwd/precious",
  "cat p/thread-self/cwd/precious",
  "cat p//self/./cwd/precious",
  "cat p/$$/cwd/precious",
  "cat p/self/root$PWD/precious",
  "exec 9<.; cat p/self/fd/9/precious",
  "ln -s p/self/cwd link; cat link/precious",
  "ln -s self p-self; cat p/../p-self/precious; cd p/self; cat root$OLDPWD/precious",
  "rm -f p/self/cwd/precious",
];

/** Overlays whose layers are the directory of the file, however they are named, and one that is nobody's business. */
const BY_OVERLAY = [
  "mount -t overlay o -o lowerdir=sub,upperdir=p,workdir=work merged; rm -f merged/precious",
  "mount -t overlay o -o lowerdir=p:sub merged; cat merged/precious",
  "mount -t overlay o -o 'lowerdir=sub:./work/../\\p' merged; cat merged/precious",
  "cd p; mount -t overlay o -o lowerdir=.:../sub ../merged; cat ../merged/precious",
  "exec 9<p; mount -t overlay o -o lowerdir=/proc/self/fd/9:sub merged; cat merged/precious",
];
const OTHER_OVERLAY =
  "mount -t overlay o -o lowerdir=sub,upperdir=upper,workdir=work merged && echo x >merged/made; cat upper/made";
/** Gives the layers to fsconfig(2) one by one; prints an errno for each. */
const BY_FSCONFIG = `import ctypes, os, sys
libc = ctypes.CDLL(None, use_errno=True)
new = libc.syscall(430, b"overlay", 0)
if new < 0: sys.exit(77)
directory = os.open("p", os.O_RDONLY)
for command, key, value, number in [(1, b"upperdir", b"p", 0), (1, b"lowerdir", b"sub:p", 0), (5, b"lowerdir+", None, directory),
    (1, b"lowerdir", b"sub:upper", 0)]:
    print(ctypes.get_errno() if libc.syscall(431, new, command, key, value, number) < 0 else 0)`;

/** Prints an errno for each way to the file from a mount without a name, which open_tree(2) makes. */
const BY_DETACHED_MOUNT = `import ctypes, os, sys
libc = ctypes.CDLL(None, use_errno=True)
libc.unshare(0x10020000) # CLONE_NEWUSER | CLONE_NEWNS
tree = libc.syscall(428, -100, b".", 0x80001) # OPEN_TREE_CLOEXEC | OPEN_TREE_CLONE
if tree < 0: sys.exit(77)
def tried(name, directory=None):
    try: print(os.open(name, os.O_RDONLY, dir_fd=directory))
    except OSError as error: print(error.errno)
tried("precious", tree)
tried("sub/../precious", tree)
tried(f"/proc/self/fd/{tree}/precious")
os.fchdir(tree)
tried("precious")
tried("/proc/self/cwd/precious")`;

/** Writes to files in a mount without a name, in one with a name of its own namespace, and in one that is gone; 77: not for this user. */
const BY_DESCRIPTOR = `import ctypes, os, sys
libc = ctypes.CDLL(None, use_errno=True)
if libc.mount(b"none", b"sub", b"tmpfs", 0, None) != 0: sys.exit(77)
os.mkdir("sub/in")
tree = libc.syscall(428, -100, b"sub", 0x80001) # OPEN_TREE_CLOEXEC | OPEN_TREE_CLONE
if tree < 0: sys.exit(77)
def write(name, directory=None):
    file = os.open(name, os.O_CREAT | os.O_WRONLY, dir_fd=directory)
    os.write(file, b"x")
    return file
write("in/detached", tree)
file = write("sub/in/named")
write("p/ours")
libc.umount2(b"sub", 2) # MNT_DETACH
os.write(file, b"x")`;

for (const by of mechanisms) {
  testAsEach(
    `descriptors have names in mounts of the caller's namespace alone, by ${by}`,
    (place, t) => {
      if (!hasNamespaces(place, t)) return;
      prepare(place);
      place.own(join(place.directory, "p"));
      const rules = `rule { syscall_name = write syscall_match = exact filter_expression { PARAMS[3] == 1 && FD[1].type == "file" }
      action { type = LOG log_format {<%fd1.path>} } } ${logRule(by, "acct")}`;
      const { status, stderr } = place.under(rules, [
        ...ENVIRONMENT,
        ...["unshare", "-Urm", "/usr/bin/python3", "-c", BY_DESCRIPTOR],
      ]);
      if (status === 77) return t.skip("this kernel has no open_tree, or not for this user");
      const { directory } = place;
      assert.deepEqual(stderr.match(/<.*>/g), [
        "<(unreadable)>",
        `<"${directory}/sub/in/named">`,
        `<"${directory}/p/ours">`,
        "<(unreadable)>",
      ]);
    },
  );

  testAsEach(`a procfs of its own leads a program nowhere else, by ${by}`, (place, t) => {
    if (!hasNamespaces(place, t)) return;
    prepare(place);
    const ways = BY_PROCFS.map((way) => `(${way})\n[ -e precious ] || echo gone by '${way}'`);
    const others = "cat p/self/comm; cat p/self/cwd/p/sys/kernel/ostype";
    const script = ["mount -t proc proc p || exit 77", ...ways, others].join("\n");
    const command = [...ENVIRONMENT, "unshare", "-Urmpf", "sh", "-c", script];
    const { stdout, status, stderr } = place.under(denyPrecious(place, by), command);
    if (status === 77) return t.skip("no procfs for this user");
    // other files are where they were
    assert.equal(stdout, "cat\nLinux\n");
    const refusals = stderr.match(/precious'?: Operation not permitted/g) ?? [];
    assert.equal(refusals.length, BY_PROCFS.length, stderr);
  });

  testAsEach(`a mount without a name leads a program nowhere else, by ${by}`, (place, t) => {
    if (!hasNamespaces(place, t)) return;
    prepare(place);
    const command = ["/usr/bin/python3", "-c", BY_DETACHED_MOUNT];
    const { stdout, status, stderr } = place.under(denyPrecious(place, by), command);
    if (status === 77) return t.skip("this kernel has no open_tree, or not for this user");
    assert.equal(stdout, "1\n".repeat(5), stderr);
  });

  testAsEach(`no overlay shows a file by another name, by ${by}`, (place, t) => {
    if (!hasNamespaces(place, t)) return;
    prepare(place);
    const { directory } = place;
    const precious = join(directory, "p/precious");
    writeFileSync(precious, SECRET);
    place.own(directory);
    const rules = denyPrecious(place, by).replace("/precious", "/p/precious");
    const inside = (script: string) =>
      place.under(rules, [...ENVIRONMENT, "unshare", "-Urm", "sh", "-c", script]);
    const other = place.plain([...ENVIRONMENT, "unshare", "-Urm", "sh", "-c", OTHER_OVERLAY]);
    if (other.stdout !== "x\n") return t.skip("no overlays for this user");
    assert.equal(inside(OTHER_OVERLAY).stdout, "x\n");
    const { stdout, stderr } = inside(BY_OVERLAY.map((way) => `(${way})`).join("\n"));
    assert.equal(stdout, "", stderr);
    assert.equal(stderr.match(/mount: .*permission denied/g)?.length, BY_OVERLAY.length, stderr);
    assert.equal(stderr.match(/^sct: an overlay by process \d+.*'x'.*\/p'/gm)?.length, 1, stderr);
    assert.equal(readFileSync(precious, "utf8"), SECRET);
    const byFsconfig = inside(`exec python3 -c '${BY_FSCONFIG}'`);
    if (byFsconfig.status !== 77) assert.match(byFsconfig.stdout, /^1\n1\n1\n(0|22)\n$/);
  });

  testAsEach(`programs are found in a user namespace as elsewhere, by ${by}`, (place, t) => {
    if (!hasNamespaces(place, t)) return;
    const { directory, user } = place;
    mkdirSync(join(directory, "closed"), { mode: 0o700 });
    symlinkSync("closed", join(directory, "link"));
    const rules = `rule { syscall_name = execve filter_expression { PATH == "/usr/bin/whoami" }
      action { type = FAIL error_code = EUCLEAN } } ${logRule(by, "acct")}`;
    const path = `PATH=${directory}/closed:${directory}/link/sub:/usr/bin:/bin`;
    const script = "id -u; whoami 2>/dev/null; echo $?";
    const { stdout, stderr } = place.under(rules, [
      "env",
      path,
      "unshare",
      "-Ur",
      "sh",
      "-c",
      script,
    ]);
    assert.equal(stdout, "0\n126\n", stderr);
    if (user.uid !== 0) assert.doesNotMatch(stderr, /on_unreadable/);
  });
}
