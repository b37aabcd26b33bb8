/** Programs that people run: the same output, exit status and files under twenty rules as without us. */
import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type MechanismName, mechanisms } from "./mechanisms.ts";
import { logLines, type Place, testAsEach } from "./sct.ts";
import { twentyRules } from "./twenty-rules.ts";

/** Twice in directories of the same name, so that even paths in the output are the same. */
function sameFilesAndOutput(
  place: Place,
  by: MechanismName,
  files: Files,
  script: string,
  prepare = "true",
): string {
  const work = join(place.directory, "work");
  const all = `cd work && { ${script}
    }; echo "status $?"; rm -rf "$HOME/.npm"
    find . -path ./.git -prune -o -name '*.tgz' -prune -o -type f -print0 | sort -z | xargs -0 sha256sum; find . -type l -printf '%p %l\\n' | sort`;
  const outcome = (under: boolean) => {
    place.plain(["rm", "-rf", work]);
    write(place, work, files);
    const { status, stderr } = place.plain(["bash", "-c", `cd work && ${prepare}`]);
    assert.equal(status, 0, stderr);
    const command = ["bash", "-c", all];
    const log = join(place.directory, "log");
    const result = under
      ? place.run(["-o", log, "-e", twentyRules(by)], command)
      : place.plain(command);
    return { ...result, stderr: logLines(result.stderr).join("\n") };
  };
  const without = outcome(false);
  assert.deepEqual(outcome(true), without);
  return without.stdout;
}

type Files = Readonly<Record<string, string>>;

function write(place: Place, work: string, files: Files): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(work, name)), { recursive: true });
    writeFileSync(join(work, name), text);
  }
  place.own(work);
}

for (const by of mechanisms) {
  testAsEach(`npm ci installs the same, by ${by}`, (place) => {
    const files = {
      "package.json":
        '{ "name": "app", "version": "1.0.0", "scripts": { "postinstall": "node say.js" } }',
      "say.js":
        'require("fs").writeFileSync("said", require("dep").text); console.log(require("linked"));',
      "dep/package.json": '{ "name": "dep", "version": "1.2.3", "bin": { "dep": "cli.js" } }',
      "dep/index.js": 'exports.text = "from dep";',
      "dep/cli.js": '#!/usr/bin/env node\nconsole.log("cli of dep");',
      "linked/package.json": '{ "name": "linked", "version": "2.0.0" }',
      "linked/index.js": 'module.exports = "linked it is";',
    };
    const npm = "npm --offline --no-audit --no-fund --no-update-notifier --loglevel=error";
    const output = sameFilesAndOutput(
      place,
      by,
      files,
      `${npm} ci --foreground-scripts 2>&1 | sed 's/ in [0-9.]*m*s$//' && node_modules/.bin/dep && cat said`,
      `(cd dep && ${npm} pack --silent --pack-destination ..) && ${npm} install --ignore-scripts ./dep-1.2.3.tgz ./linked && rm -rf node_modules`,
    );
    assert.match(output, /linked it is\n[\s\S]*added 2 packages\ncli of dep\nfrom depstatus 0\n/);
    assert.match(output, /node_modules\/dep\/cli\.js/);
  });

  testAsEach(`git clones, commits and merges the same, by ${by}`, (place) => {
    const output = sameFilesAndOutput(
      place,
      by,
      { "file.txt": "one\n" },
      `export GIT_AUTHOR_DATE='2026-01-01T00:00:00Z' GIT_COMMITTER_DATE='2026-01-01T00:00:00Z'
       git config --global user.name x; git config --global user.email x@x; git config --global init.defaultBranch main
       git init -q && git add . && git commit -qm one && git clone -q . copy && cd copy && git checkout -qb side &&
       echo two >>file.txt && git commit -qam two && git checkout -q main && git merge --no-ff -qm merged side &&
       git log --format='%H %s' --graph && git fsck --full 2>&1 && cd .. && rm -rf copy/.git "$HOME/.gitconfig"`,
    );
    assert.match(output, /merged\n[\s\S]*status 0\n/);
  });

  testAsEach(`make builds the same C program, by ${by}`, (place) => {
    const output = sameFilesAndOutput(
      place,
      by,
      {
        Makefile:
          "all: app\napp: main.o sum.o lib.a\n\tgcc -o $@ $^\nlib.a: twice.o\n\tar rcsD $@ $^\n%.o: %.c sum.h\n\tgcc -O1 -Wall -c -o $@ $<\n",
        "sum.h": "int sum(int, int);\nint twice(int);\n",
        "sum.c": '#include "sum.h"\nint sum(int a, int b) { return a + b; }\n',
        "twice.c": '#include "sum.h"\nint twice(int a) { return sum(a, a); }\n',
        "main.c":
          '#include <stdio.h>\n#include "sum.h"\nint main(void) { printf("%d\\n", twice(21)); return sum(1, 2); }\n',
      },
      "make -j2 --output-sync 2>&1 | sort; ./app; echo $?; make -q; touch sum.h; make -n | wc -l",
    );
    assert.match(output, /\n42\n3\n/);
  });

  testAsEach(`python's web server serves curl the same, by ${by}`, (place) => {
    const output = sameFilesAndOutput(
      place,
      by,
      { "page.html": "<p>hello</p>\n", "sub/data.txt": "data\n".repeat(20_000) },
      `python3 -u -m http.server --bind 127.0.0.1 0 >../server.log 2>&1 & server=$!
       port=; until [ -n "$port" ]; do sleep 0.05; port=$(sed -n 's/.* port \\([0-9]*\\) .*/\\1/p' ../server.log); done
       curl -s -S http://127.0.0.1:$port/page.html; curl -s http://127.0.0.1:$port/sub/data.txt | sha256sum
       curl -s -o /dev/null -w '%{http_code} %{content_type}\\n' http://127.0.0.1:$port/missing
       kill $server; wait $server; echo "server $?"; grep -o '"GET.*' ../server.log`,
    );
    assert.match(output, /<p>hello<\/p>\n[\s\S]*404 text\/html/);
    assert.equal(output.match(/"GET/g)?.length, 3);
  });

  testAsEach(`pipes, substitutions, jobs and traps of bash do the same, by ${by}`, (place) => {
    const output = sameFilesAndOutput(
      place,
      by,
      { "words.txt": "pear\napple\nfig\napple\n" },
      `set -m
       sort words.txt | uniq -c | awk '{print $2, $1}' | tee counts | tail -1
       diff <(sort words.txt) <(sort -r words.txt) | wc -l
       # which job is the current one in a notice depends on when the shell looks
       { for i in 1 2 3; do (sleep 0.0$i; echo $i >job$i; exit $i) & done
         for job in $(jobs -p); do wait $job; echo "job $?"; done; } 2>/dev/null
       # and so does whether there is anybody left to continue: bash continues those it terminates
       { sleep 30 & kill -STOP %%; kill -TERM %%; kill -CONT %%; wait %%; echo "killed $?"; } 2>/dev/null
       trap 'echo trapped' USR1; kill -USR1 $BASHPID; cat <<<here | (read line; echo "$line"); yes | head -1000 | md5sum
       echo "\${PIPESTATUS[@]}"; ls >/dev/full 2>&1; false | true; (exit 5)`,
    );
    assert.match(output, /job 1\njob 2\njob 3\nkilled 143\ntrapped\nhere\n/);
    assert.match(output, /status 5\n/);
  });

  testAsEach(`a Node test suite passes and fails the same, by ${by}`, (place) => {
    const output = sameFilesAndOutput(
      place,
      by,
      {
        "one.test.mjs": `import { test } from "node:test"; import assert from "node:assert"; import fs from "node:fs/promises";
import { Worker } from "node:worker_threads"; import { execFileSync } from "node:child_process";
test("files", async () => { await fs.writeFile("made", "x"); assert.equal(await fs.readFile("made", "utf8"), "x"); });
test("worker", () => new Promise((done) => new Worker("1", { eval: true }).on("exit", done)));
test("child", () => assert.equal(execFileSync("echo", ["a"]).toString(), "a\\n"));`,
        "two.test.mjs": `import { test } from "node:test"; import assert from "node:assert"; import http from "node:http";
test("http", async () => { const server = http.createServer((_, to) => to.end("hi")); await new Promise((done) => server.listen(0, "127.0.0.1", done));
  assert.equal(await (await fetch("http://127.0.0.1:" + server.address().port)).text(), "hi"); server.closeAllConnections(); server.close(); });
test("bad", () => assert.equal(1, 2));`,
      },
      `${process.execPath} --test --test-reporter=tap | grep -E '^ *(ok|not ok|# (tests|pass|fail))'; exit \${PIPESTATUS[0]}`,
    );
    assert.match(output, /# pass 4\n# fail 1\n/);
  });

  testAsEach(`an sqlite database holds the same, by ${by}`, (place) => {
    const program = `import sqlite3, threading
db = sqlite3.connect("data.db", timeout=60)
print(db.execute("pragma journal_mode=wal").fetchone())
db.execute("create table t (id integer primary key, name text)")
def work(n):
    own = sqlite3.connect("data.db", timeout=60)
    for i in range(20):
        with own: own.execute("insert into t (name) values (?)", (f"{n}-{i}",))
    own.close()
threads = [threading.Thread(target=work, args=(n,)) for n in range(3)]
[t.start() for t in threads]; [t.join() for t in threads]
try:
    with db:
        db.execute("delete from t"); raise KeyError
except KeyError: pass
print(db.execute("select count(*), count(distinct name), max(name) from t").fetchall(), db.execute("pragma integrity_check").fetchone())
db.execute("create table u as select name from t order by name"); db.execute("drop table t"); db.commit(); db.execute("vacuum")
print("\\n".join(db.iterdump())[:300]); db.close()
import os; os.remove("data.db")`;
    const output = sameFilesAndOutput(place, by, { "work.py": program }, "python3 work.py");
    assert.match(output, /\('wal',\)\n\[\(60, 60, '2-9'\)\] \('ok',\)\n/);
  });
}
