/** Programs that people run, under a policy for their work: what they need works, what leaves it is denied. */
import assert from "node:assert/strict";
import { chmodSync, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Place, type Result, testAsEach } from "./sct.ts";

/** Home and work are folders of the test: HOME is its directory. */
const policy = (home: string): string =>
  `
list SECRETS { "HOME/.npmrc", "HOME/.ssh/**" }
policy work {
  read { "/usr/**", "/etc/**", "/proc/**", "/dev/**", "/sys/**", "HOME/work/**", "HOME/.gitconfig", "HOME/.npm/**" }
  write { "HOME/work/**", "HOME/.npm/**", "/dev/null", "/dev/tty" }
  execute { "/usr/**", "HOME/work/**" }
  attributes { "HOME/work/**", "HOME/.npm/**" }
  connect { } listen { } unix { }
  otherwise = FAIL EACCES
}`.replaceAll("HOME", home);

function prepare(place: Place, files: Readonly<Record<string, string>>): void {
  const all = {
    "policy.conf": policy(place.directory),
    ".npmrc": "//registry.example/:_authToken=secret\n",
    ".ssh/id": "key\n",
    ".bashrc": "# mine\n",
    ".gitconfig": "[user]\nname = x\nemail = x@x\n[init]\ndefaultBranch = main\n",
    ".npm/keep": "",
    ...files,
  };
  place.fill(all);
  for (const name of Object.keys(all))
    if (name.endsWith(".sh")) chmodSync(join(place.directory, name), 0o755);
}

/** With lines, and with Landlock alone where it can: both come to the same. */
function inBothWays(place: Place, script: string, then: (result: Result) => void): void {
  const command = ["/usr/bin/bash", "-c", `cd work && { ${script}\n}`];
  for (const options of [[], ["-q"]]) {
    const result = place.run([...options, "-f", "policy.conf"], command);
    then(result);
    assert.equal(readFileSync(join(place.directory, ".bashrc"), "utf8"), "# mine\n");
  }
}

/** What programs try that leave their work, each followed by its status. */
const LEAVES = `
for attempt in 'cat ~/.ssh/id' 'cp ~/.npmrc .' 'echo x >>~/.bashrc' 'rm -f ~/.bashrc' 'mv ~/.bashrc b' 'ln ~/.bashrc b' \\
  'chmod 777 ~/.bashrc' 'mkdir ~/new' 'ln -s /etc ~/new' 'ls ~' 'cat <~/.ssh/id' 'truncate -s0 ~/.bashrc' 'echo </dev/tcp/127.0.0.1/9'; do
  bash -c "$attempt" >/dev/null 2>said && echo "done: $attempt"
  grep -qi 'permission denied\\|cannot access\\|cross-device' said || echo "not denied: $attempt $(cat said)"
done; rm -f said`;

testAsEach("what leaves the work is denied, in each way", (place) => {
  prepare(place, { "work/a": "" });
  inBothWays(place, LEAVES, ({ stdout, stderr }) => assert.equal(stdout, "", stderr));
});

testAsEach("git works, and a hook of a repository stays in it", (place) => {
  prepare(place, {
    "work/hook.sh": "#!/bin/sh\necho hooked >>~/.bashrc\ncat ~/.ssh/id >stolen\necho ran >ran\n",
  });
  const script = `rm -rf repo copy && git init -q repo && cd repo && echo one >a && git add a && git commit -qm one &&
    git clone -q . ../copy && cp ../hook.sh .git/hooks/post-commit && echo two >>a && git commit -qam two 2>said
    git log --format=%s; cat ran; cat stolen; git fsck 2>&1 | head -3; cd .. && rm -rf copy`;
  inBothWays(place, script, ({ stdout, stderr }) => {
    assert.equal(stdout, "two\none\nran\n", stderr);
  });
});

testAsEach("make and gcc build, and a rule of the Makefile does not leave", (place) => {
  prepare(place, {
    "work/Makefile":
      "all: app\napp: main.o\n\tgcc -o $@ $^\n%.o: %.c\n\tgcc -O1 -c -o $@ $<\ninstall: app\n\tcp app $(HOME)/app\n",
    "work/main.c": '#include <stdio.h>\nint main(void) { puts("built"); return 7; }\n',
  });
  const script =
    "rm -f app *.o; export TMPDIR=$PWD; make -s -j2 && ./app; echo $?; make -s install 2>/dev/null; echo $?";
  inBothWays(place, script, ({ stdout, stderr }) => {
    assert.equal(stdout, "built\n7\n2\n", stderr);
    assert.equal(existsSync(join(place.directory, "app")), false);
  });
});

testAsEach("python runs tests, and code in them reads no keys", (place) => {
  prepare(place, {
    "work/test_it.py": `import os, unittest, tempfile, subprocess
class It(unittest.TestCase):
    def test_files(self):
        with tempfile.TemporaryDirectory(dir=".") as d:
            open(d + "/a", "w").write("x")
            os.rename(d + "/a", d + "/b")
            self.assertEqual(open(d + "/b").read(), "x")
    def test_child(self):
        self.assertEqual(subprocess.check_output(["/usr/bin/echo", "a"]), b"a\\n")
    def test_key(self):
        with self.assertRaises(PermissionError):
            open(os.path.expanduser("~/.ssh/id"))
`,
  });
  const script =
    "/usr/bin/python3 -m unittest -q test_it 2>&1 | grep -E '^(OK|Ran 3|FAILED)' | cut -c1-5";
  inBothWays(place, script, ({ stdout, stderr }) => assert.equal(stdout, "Ran 3\nOK\n", stderr));
});

testAsEach(
  "npm ci installs, and an install script leaves neither with keys nor with files",
  (place) => {
    prepare(place, {
      "work/package.json":
        '{ "name": "app", "version": "1.0.0", "dependencies": { "dep": "file:dep-1.0.0.tgz" } }',
      "work/dep/package.json":
        '{ "name": "dep", "version": "1.0.0", "scripts": { "postinstall": "node install.js" } }',
      "work/dep/install.js": `const fs = require("fs"), os = require("os"), net = require("net");
const attempt = (name, body) => { try { body(); console.log(name + " done"); } catch (e) { console.log(name + " " + e.code); } };
attempt("own", () => fs.writeFileSync("built", "x"));
attempt("key", () => fs.readFileSync(os.homedir() + "/.ssh/id"));
attempt("start file", () => fs.appendFileSync(os.homedir() + "/.bashrc", "x"));
attempt("delete", () => fs.rmSync(os.homedir() + "/.bashrc"));
net.connect(9, "127.0.0.1").on("error", (e) => console.log("connect " + e.code));
`,
    });
    const npm =
      "npm --offline --no-audit --no-fund --no-update-notifier --loglevel=error --userconfig=/dev/null --logs-max=0";
    const made = place.plain([
      "bash",
      "-c",
      `cd work && (cd dep && ${npm} pack --silent --pack-destination ..) && ${npm} install --ignore-scripts --silent`,
    ]);
    assert.equal(made.status, 0, made.stderr);
    const script = `export PATH=/usr/bin:/bin; rm -rf node_modules; ${npm} ci --foreground-scripts 2>&1 | grep -E '^(own|key|start file|delete|connect|added)' | sed 's/ package.*//'; ls node_modules/dep/built`;
    inBothWays(place, script, ({ stdout, stderr }) => {
      assert.deepEqual(
        stdout.trim().split("\n"),
        [
          "own done",
          "key EACCES",
          "start file EACCES",
          "delete EACCES",
          "connect EACCES",
          "added 1",
          "node_modules/dep/built",
        ],
        stderr,
      );
    });
  },
);
