/** `sct run --pack`: install scripts of npm, and an agent that leaves its folder. */
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { NPM, Place, type Result, SCT, testAsEach } from "./sct.ts";

const SCRIPT = `const fs = require("fs"), os = require("os"), net = require("net");
const attempt = (name, body) => { try { body(); console.log(name + " done"); } catch (e) { console.log(name + " " + e.code); } };
attempt("own", () => fs.writeFileSync("built", "x"));
attempt("temporary", () => fs.writeFileSync(os.tmpdir() + "/x", "x"));
attempt("token", () => fs.readFileSync(os.homedir() + "/.npmrc"));
attempt("start file", () => fs.appendFileSync(os.homedir() + "/.bashrc", "x"));
attempt("delete", () => fs.rmSync(os.homedir() + "/letter"));
attempt("other package", () => fs.writeFileSync("../good/stolen", "x"));
net.connect(9, "127.0.0.1").on("error", (e) => console.log("connect " + e.code));
`;

testAsEach("npm ci works, and what an install script may not do is denied and named", (place) => {
  place.fill({
    ".npmrc": "loglevel=error\n",
    ".bashrc": "# mine\n",
    letter: "dear\n",
    "work/package.json":
      '{ "name": "app", "version": "1.0.0", "dependencies": { "bad": "file:bad-1.2.3.tgz", "good": "file:good-2.0.0.tgz" } }',
    "work/bad/package.json":
      '{ "name": "bad", "version": "1.2.3", "bin": { "node": "node.sh", "sh": "node.sh" }, "scripts": { "postinstall": "node install.js >said" } }',
    "work/bad/install.js": SCRIPT,
    // a package's own programs stand before those of the system
    "work/bad/node.sh": '#!/bin/sh\necho x >>~/.bashrc\nexec /usr/bin/node "$@"\n',
    "work/good/package.json":
      '{ "name": "good", "version": "2.0.0", "scripts": { "postinstall": "echo built >built" } }',
  });
  const path = "export PATH=/usr/bin:/bin; cd work";
  const made = place.plain([
    "bash",
    "-c",
    `${path}; for p in bad good; do (cd $p && ${NPM} pack --silent --pack-destination ..); done && ${NPM} install --ignore-scripts --silent && rm -rf node_modules`,
  ]);
  assert.equal(made.status, 0, made.stderr);
  const before = new Set(readdirSync(tmpdir()));
  const result = place.run(["--pack", "npm"], ["bash", "-c", `${path}; ${NPM} ci`]);
  assert.equal(result.status, 0, result.stderr);
  const in_ = (name: string): string => join(place.directory, name);
  assert.deepEqual(readFileSync(in_("work/node_modules/bad/said"), "utf8").trim().split("\n"), [
    "own done",
    "temporary done",
    "token EACCES",
    "start file EACCES",
    "delete EACCES",
    "other package EACCES",
    "connect EACCES",
  ]);
  assert.equal(readFileSync(in_("work/node_modules/good/built"), "utf8"), "built\n");
  assert.equal(existsSync(in_("work/node_modules/good/stolen")), false);
  assert.equal(readFileSync(in_(".bashrc"), "utf8"), "# mine\n");
  assert.ok(existsSync(in_("letter")));
  const denied = result.stderr
    .split("\n")
    .filter((line) => line.includes(" denied: "))
    .map((line) =>
      line
        .replaceAll(place.directory, "~")
        .replace(/"(.*?)"\[\d+\]/, "$1")
        .replace(/, line \d+$/, ""),
    );
  for (const line of [
    'bad@1.2.3 postinstall: node denied: openat "~/.npmrc": not in read of npm',
    'bad@1.2.3 postinstall: node denied: unlink "~/letter": not in write of npm',
    'bad@1.2.3 postinstall: node denied: openat "~/work/node_modules/good/stolen": not in write of npm',
    "bad@1.2.3 postinstall: node denied: connect to 127.0.0.1 port 9: not in connect of npm",
  ])
    assert.ok(
      denied.map((one) => one.replace(": denied", " denied")).includes(line),
      `${line}\n${result.stderr}`,
    );
  assert.ok(
    denied.every((line) => line.startsWith("bad@1.2.3 postinstall: ")),
    result.stderr,
  );
  const left = readdirSync(tmpdir()).filter(
    (name) => name.startsWith("sct-pack-") && !before.has(name),
  );
  assert.deepEqual(left, []);
});

testAsEach("a script may start npm, whose scripts are held as well", (place) => {
  place.fill({
    ".npmrc": "loglevel=error\n",
    "work/package.json":
      '{ "name": "app", "version": "1.0.0", "scripts": { "outer": "npm run --silent inner", "inner": "echo built >built; cat ~/.npmrc >token; true" } }',
  });
  const command = `export PATH=/usr/bin:/bin; cd work; ${NPM} run --silent outer`;
  const result = place.run(["--pack", "npm"], ["bash", "-c", command]);
  assert.equal(result.status, 0, result.stderr);
  const work = join(place.directory, "work");
  assert.equal(readFileSync(join(work, "built"), "utf8"), "built\n");
  assert.equal(readFileSync(join(work, "token"), "utf8"), "");
  assert.match(result.stderr, /^app@1\.0\.0 outer: "cat"\[\d+\]: denied: openat ".*\.npmrc"/m);
});

testAsEach("a project does not name the git that npm starts", (place) => {
  place.fill({
    "work/package.json":
      '{ "name": "app", "version": "1.0.0", "dependencies": { "dep": "git+file:///nowhere.git" } }',
    "work/.npmrc": `git=${place.directory}/work/git.sh\n`,
    "work/git.sh": "#!/bin/sh\necho x >started\nexit 1\n",
  });
  const work = join(place.directory, "work");
  const command = `export PATH=/usr/bin:/bin; cd work; chmod +x git.sh; ${NPM} install`;
  assert.notEqual(place.run(["--pack", "npm"], ["bash", "-c", command]).status, 0);
  assert.equal(existsSync(join(work, "started")), false);
  place.plain(["bash", "-c", command]);
  assert.equal(existsSync(join(work, "started")), true);
});

testAsEach("a command that starts no install script is not taken for held", (place) => {
  const result = place.run(["--pack", "npm"], ["true"]);
  assert.equal(result.status, 0);
  assert.match(
    result.stderr,
    /^sct: no install script was started by npm: the pack has held nothing/,
  );
});

/** Packs let programs write in /tmp: a home there would be no home. */
function awayFromTmp(place: Place, body: (place: Place) => void): void {
  const { TMPDIR } = process.env;
  process.env["TMPDIR"] = process.getuid?.() === 0 ? "/srv" : homedir();
  const own = new Place(place.user);
  if (TMPDIR === undefined) delete process.env["TMPDIR"];
  else process.env["TMPDIR"] = TMPDIR;
  try {
    body(own);
  } finally {
    own.remove();
  }
}

testAsEach(
  "files of users are laid over a pack, and the exit status is that of the command",
  (place) =>
    awayFromTmp(place, (own) => {
      own.fill({
        "work/a": "",
        "out/a": "",
        ".config/syscalltrack/packs/ci.conf": `list WRITES { "${own.directory}/out/**" }\n`,
        "more.conf": "list METADATA { 127.0.0.1 }\n",
      });
      const script =
        "for f in b ../out/b ../c; do echo x >$f && echo wrote $f; done; echo </dev/tcp/127.0.0.1/9; exit 7";
      const command = (options: string): string =>
        `cd work && exec "$0" run ${options} -- bash -c '${script}'`;
      const run = (options: string): Result => own.plain(["bash", "-c", command(options), SCT]);
      const result = run("--pack ci -f ../more.conf");
      assert.equal(result.stdout, "wrote b\nwrote ../out/b\n", result.stderr);
      assert.match(result.stderr, /denied: connect to 127\.0\.0\.1 port 9: not in connect of ci/);
      assert.equal(result.status, 7);
      assert.doesNotMatch(run("--pack ci").stderr, /denied: connect/);
    }),
);

/** Each leaves the folder, or would if it came through. */
const EXCHANGE = `python3 -c 'import ctypes, sys
sys.exit(-ctypes.CDLL(None).renameat2(-100, sys.argv[1].encode(), -100, sys.argv[2].encode(), 2))'`;

const LEAVES: readonly (readonly [attempt: string, rule: string])[] = [
  ["cat ~/.ssh/id", "read"],
  ["cat ~/.npmrc", "read"],
  ["cat .env", "read"],
  ["echo x >>~/.bashrc", "write"],
  ["echo x >~/other/file", "write"],
  ["rm -f ~/letter", "write"],
  ["mv -f ~/letter .", "write"],
  ["echo x >.git/hooks/post-checkout", "write"],
  ["mkdir -p h && mv -T h .git/hooks", "hooks"],
  ["ln -sT /tmp .git", "hooks"],
  [`mkdir -p m && ${EXCHANGE} .git/hooks m`, "exchange"],
  [`touch n && ${EXCHANGE} n .env`, "exchange"],
  ["mv .env n", "secrets"],
  ["ln -f .env n", "secrets"],
  ["chmod 777 ~/letter", "attributes"],
  ["echo </dev/tcp/169.254.169.254/80", "connect"],
  [`python3 -c 'import socket; socket.socket(socket.AF_UNIX).connect("../other/socket")'`, "unix"],
];

/** What rules say that are none of the policy's. */
const SAID: Readonly<Record<string, RegExp>> = {
  hooks: /denied: \w+ to /,
  exchange: /denied: exchange of /,
  secrets: /denied: \w+ of "/,
};

testAsEach("an agent works in its folder, and each attempt to leave it names its rule", (place) =>
  awayFromTmp(place, (own) => {
    own.fill({
      ".ssh/id": "key\n",
      ".npmrc": "token\n",
      ".bashrc": "# mine\n",
      "other/file": "mine\n",
      letter: "dear\n",
      "work/.env": "SECRET=1\n",
      "work/main.c": "int main(void) { return 0; }\n",
    });
    // as that of docker: a socket of another service
    const bind = "import socket; socket.socket(socket.AF_UNIX).bind('other/socket')";
    assert.equal(own.plain(["python3", "-c", bind]).status, 0);
    const run = (script: string): Result =>
      own.plain([
        "bash",
        "-c",
        'cd work && exec "$0" run --pack agent -- bash -c "$1"',
        SCT,
        script,
      ]);
    const worked = run(
      "git init -q . && git add main.c && git -c user.name=x -c user.email=x@x commit -qm one && for i in $(seq 20); do echo $i >f$i; done && gcc -o app main.c && ./app && rm f1 && echo worked",
    );
    assert.equal(worked.stdout, "worked\n", worked.stderr);
    assert.doesNotMatch(worked.stderr, /denied/);
    for (const [attempt, rule] of LEAVES) {
      const left = run(`if ${attempt}; then echo left; fi`);
      assert.doesNotMatch(left.stdout, /left/, attempt);
      assert.match(left.stderr, SAID[rule] ?? new RegExp(`not in ${rule} of agent`), attempt);
    }
    assert.equal(readFileSync(join(own.directory, ".bashrc"), "utf8"), "# mine\n");
    assert.equal(readFileSync(join(own.directory, "letter"), "utf8"), "dear\n");
  }),
);
