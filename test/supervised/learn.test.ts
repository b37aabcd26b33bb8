/** `sct learn`: proposals for programs that people run hold for the next run, deny nothing of it, and catch what deviates. */
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { NPM, type Place, type Result, SCT, testAsEach } from "./sct.ts";

const MOST_ENTRIES = 40;

/** In a folder of the test; `again` puts back what a run has changed. */
interface Work {
  readonly files: Readonly<Record<string, string>>;
  readonly before?: string;
  readonly again: string;
  readonly script: string;
}

const WORKS: Readonly<Record<string, Work>> = {
  "make and gcc": {
    files: {
      "work/Makefile": "app: main.o a.o b.o\n\tgcc -o $@ $^\n%.o: %.c\n\tgcc -O1 -c -o $@ $<\n",
      "work/main.c": '#include <stdio.h>\nint main(void) { puts("built"); }\n',
      "work/a.c": "#include <string.h>\nint a(void) { return 1; }\n",
      "work/b.c": "#include <stdlib.h>\nint b(void) { return 1; }\n",
    },
    again: "rm -f app *.o",
    script: "make -s",
  },
  "npm ci": {
    files: {
      "work/package.json":
        '{ "name": "app", "version": "1.0.0", "dependencies": { "dep": "file:dep-1.0.0.tgz" } }',
      "work/dep/package.json":
        '{ "name": "dep", "version": "1.0.0", "scripts": { "postinstall": "node install.js" } }',
      "work/dep/install.js": 'require("fs").writeFileSync("built", "x");\n',
    },
    before: `export PATH=/usr/bin:/bin; (cd dep && ${NPM} pack --silent --pack-destination ..) && ${NPM} install --ignore-scripts --silent`,
    again: "rm -rf node_modules",
    script: `PATH=/usr/bin:/bin ${NPM} ci --silent`,
  },
  "Python tests": {
    files: {
      "work/test_it.py": `import os, unittest, tempfile, subprocess
class It(unittest.TestCase):
    def test_files(self):
        with tempfile.TemporaryDirectory() as d:
            with open(d + "/a", "w") as f: f.write("x")
            os.rename(d + "/a", d + "/b")
    def test_child(self):
        self.assertEqual(subprocess.check_output(["/usr/bin/echo", "a"]), b"a\\n")
`,
    },
    again: "rm -rf __pycache__",
    script: "/usr/bin/python3 -m unittest -q test_it 2>/dev/null",
  },
  "git clone": {
    files: { "work/keep": "" },
    before:
      "git init -q one && cd one && for i in 1 2 3 4; do mkdir d$i; echo $i >d$i/f; done && git add . && git -c user.name=x -c user.email=x@x commit -qm one",
    again: "rm -rf two",
    script: "git clone -q file://$PWD/one two",
  },
};

function learn(place: Place, options: readonly string[], script: string): Result {
  return place.plain([SCT, "learn", ...options, "--", "/bin/sh", "-c", `cd work; ${script}`]);
}

/** Lines of sct and of rules; what programs print is not theirs. */
const said = ({ stderr }: Result): string[] =>
  stderr.split("\n").filter((line) => /^sct: |deny: |denied: /.test(line));

for (const [name, { files, before, again, script }] of Object.entries(WORKS))
  testAsEach(`what is learned of ${name} holds, in a few lines`, (place) => {
    place.fill(files);
    const reset = (line: string): void => {
      const { status, stderr } = place.plain(["/bin/bash", "-c", `cd work; ${line}`]);
      assert.equal(status, 0, stderr);
    };
    if (before !== undefined) reset(before);
    reset(again);
    const first = learn(place, ["-o", "learned.conf"], script);
    assert.equal(first.status, 0, first.stderr);
    const path = join(place.directory, "learned.conf");
    const text = readFileSync(path, "utf8");
    const entries = text.split("\n").filter((line) => /^ {4}".*", {2}# /.test(line));
    assert.ok(entries.length > 0 && entries.length <= MOST_ENTRIES, text);
    for (const command of ["check", "test"]) {
      const { status, stderr } = place.plain([SCT, command, "learned.conf"]);
      assert.equal(status, 0, stderr);
    }
    reset(again);
    const second = learn(place, ["-f", "learned.conf"], script);
    assert.deepEqual(said(second), ["sct: nothing new in the last 1 run, 2 in all"], text);
    assert.match(readFileSync(path, "utf8"), /^# .*: 2 runs, nothing new in the last 1\n/);
    writeFileSync(path, text.replace("otherwise = LOG", "otherwise = FAIL EACCES"));
    for (const options of [[], ["-q"]]) {
      reset(again);
      const run = place.run(
        [...options, "-f", "learned.conf"],
        ["/bin/sh", "-c", `cd work; ${script}`],
      );
      assert.equal(run.status, 0, `${run.stderr}${text}`);
      assert.deepEqual(said(run), [], text);
    }
    const deviation = place.run(
      ["-f", "learned.conf"],
      ["/bin/sh", "-c", `cd work; ${script}; : >injected`],
    );
    assert.match(deviation.stderr, /denied: openat ".*\/work\/injected": not in write of learned/);
  });

testAsEach("credentials are reported first, and not proposed", (place) => {
  place.fill({ ".npmrc": "token\n", ".ssh/id": "key\n", "work/a": "a\n" });
  const script = "cat ~/.npmrc ~/.ssh/id a >/dev/null; echo x >>~/.bashrc";
  const { stdout, stderr } = learn(place, [], script);
  const named = stderr.split("\n").filter((line) => /^sct: {3}/.test(line));
  assert.deepEqual(
    named.map((line) => line.replace(place.directory, "~").replace(/" .*: /, '" ')),
    [
      'sct:   write "~/.bashrc" start files',
      'sct:   read "~/.npmrc" credentials',
      'sct:   read "~/.ssh/id" credentials',
    ],
  );
  const [, policy = ""] = stdout.split("policy learned");
  assert.doesNotMatch(policy.split("test ")[0] ?? "", /npmrc|\.ssh|bashrc/);
  assert.match(policy, /\/work\/a",/);
});

testAsEach(
  "what is in force denies while more is learned, and new entries go into the file",
  (place) => {
    place.fill({
      "work/a": "a\n",
      "work/b": "b\n",
      "own.conf": `# mine
policy own {
  read { "/**", not "${place.directory}/work/a", not "${place.directory}/work/b" }
  write { "/dev/null" }  # nothing else
  otherwise = FAIL EACCES
}
`,
    });
    const script = "cat a 2>/dev/null || echo denied; echo x >c 2>/dev/null || echo denied";
    const options = ["-f", "own.conf", "-o", "own.conf", "--allow", "policy_leaves_open"];
    const first = learn(place, options, script);
    assert.equal(first.stdout, "denied\ndenied\n", first.stderr);
    assert.match(first.stderr, /read ".*\/work\/a" .*: the policy takes it away by `not`/);
    const text = readFileSync(join(place.directory, "own.conf"), "utf8");
    assert.match(text, /^# learned by .*: 1 run, nothing new in the last 0\n# mine\n/);
    assert.match(
      text,
      /write \{ "\/dev\/null",\n {4}".*\/work\/c", {2}# 1 call by sh\n {2}\} {2}# nothing else/,
    );
    const second = learn(place, options, script);
    assert.equal(second.stdout, "denied\n", second.stderr);
    assert.match(second.stderr, /sct: nothing new in the last 1 run, 2 in all/);
  },
);

testAsEach("a file is not overwritten, and what is not in this version is refused", (place) => {
  place.fill({ "there.conf": "# mine\n", "work/a": "" });
  const there = learn(place, ["-o", "there.conf"], "echo ran");
  assert.deepEqual([there.status, there.stdout], [125, ""]);
  assert.match(there.stderr, /'there.conf' is there already/);
  assert.equal(readFileSync(join(place.directory, "there.conf"), "utf8"), "# mine\n");
  const later = place.plain([SCT, "learn", "--exe", "/usr/bin/x", "--", "true"]);
  assert.equal(later.status, 125);
  assert.match(later.stderr, /--exe is not in this version/);
  assert.equal(learn(place, ["-o", "new.conf"], "exit 7").status, 7);
});
