/** Commands under policies: what is allowed works, what is not fails with its error and a line that names the list. */
import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { X64 } from "../../src/sys/index.ts";
import { logLines, SCT, testAsEach } from "./sct.ts";

const WITHOUT = join(import.meta.dirname, "../programs/without.py");

const SYSTEM = `read { "/usr/**", "/etc/**", "/dev/**", "/proc/**", "DIR/**", not "DIR/secret" }
  execute { "/usr/bin/*" }`;

const policy = (directory: string, otherwise: string): string =>
  `policy p {
  ${SYSTEM}
  write { "DIR/out/**", "/dev/null", "/dev/tty" }
  attributes { "DIR/out/**" }
  connect { } listen { } unix { }
  otherwise = ${otherwise}
}`.replaceAll("DIR", directory);

const SCRIPT = `
cat secret
echo a > out/a && mv out/a out/b && chmod 600 out/b && cat out/b
echo a > a
rm secret
chmod 644 secret
ls /
exit 3`;

const MISSED = [
  /: openat "DIR\/secret": not in read of p, line 2$/,
  /: openat "DIR\/a": not in write of p, line 4$/,
  /: unlinkat "DIR\/secret": not in write of p, line 4$/,
  /: fchmodat "DIR\/secret": not in attributes of p, line 5$/,
  /: openat "\/": not in read of p, line 2$/,
];

testAsEach("a policy that fails calls lets only those through that it allows", (place) => {
  const { directory } = place;
  mkdirSync(join(directory, "out"));
  writeFileSync(join(directory, "secret"), "the secret\n", { mode: 0o666 });
  place.own(join(directory, "out"));
  const { status, stdout, stderr } = place.under(policy(directory, "FAIL EACCES"), [
    "sh",
    "-c",
    SCRIPT,
  ]);
  assert.deepEqual([status, stdout], [3, "a\n"], stderr);
  const lines = logLines(stderr).filter((line) => / denied: /.test(line));
  for (const missed of MISSED) {
    const wanted = new RegExp(missed.source.replace("DIR", directory));
    assert.ok(
      lines.some((line) => wanted.test(line.replace("./", ""))),
      `${missed}\n${stderr}`,
    );
  }
  assert.match(stderr, /^cat: secret: Permission denied$/m);
  assert.match(
    stderr,
    /^sct: why: write of p at -e:4 denied 2 calls: ".*\/a" \(sh\), ".*\/secret" \(rm\); add to write /m,
  );
  // once each
  assert.doesNotMatch(stderr, /^sct: p\./m);
});

const EXCHANGE = `
import os
def attempt(name, call):
    try: call(); print(name, "ok")
    except OSError as error: print(name, error.errno)
os.rename("t/work", "t/old")
os.symlink("../keys", "t/work")
os.unlink("t/one")
os.symlink("../keys/id", "t/one")
for name in "t/work/id", "t/one", "t/old/a":
    attempt("chmod " + name, lambda: os.chmod(name, 0o600))
    attempt("read " + name, lambda: open(name).close())
`;

const exchanging = (directory: string): string =>
  `policy p {
  read { "/usr/**", "/etc/**", "/dev/**", "/proc/**", "DIR/program", "DIR/t/work/**", "DIR/t/one" }
  write { "DIR/t/**" }
  attributes { "DIR/t/work/**", "DIR/t/one" }
  otherwise = FAIL EACCES
}`.replaceAll("DIR", directory);

for (const [how, options] of [
  ["rules and Landlock", []],
  ["rules alone", ["/usr/bin/python3", WITHOUT, String(X64.landlock_create_ruleset)]],
] as const)
  testAsEach(`${how}: a command gains nothing by replacing an entry by a link`, (place) => {
    const { directory } = place;
    mkdirSync(join(directory, "t/work"), { recursive: true });
    mkdirSync(join(directory, "keys"));
    for (const name of ["t/work/a", "t/one", "keys/id"]) writeFileSync(join(directory, name), name);
    writeFileSync(join(directory, "program"), EXCHANGE);
    place.own(directory);
    const run = [SCT, "run", "-e", exchanging(directory), "--", "/usr/bin/python3", "program"];
    const { stdout, stderr } = place.plain([...options, ...run]);
    const lines = stdout.trim().split("\n");
    assert.deepEqual(
      lines.slice(0, 4),
      ["t/work/id", "t/one"].flatMap((name) => [`chmod ${name} 13`, `read ${name} 13`]),
      stderr,
    );
    assert.equal(lines.length, 6, stderr);
  });

testAsEach("a policy that logs denies nothing", (place) => {
  const { directory } = place;
  mkdirSync(join(directory, "out"));
  writeFileSync(join(directory, "secret"), "the secret\n", { mode: 0o666 });
  place.own(directory);
  const { status, stdout, stderr } = place.under(policy(directory, "LOG"), ["sh", "-c", SCRIPT]);
  assert.equal(status, 3, stderr);
  assert.match(stdout, /^the secret\na\n/);
  assert.doesNotMatch(stderr, /denied: |denied with|Permission denied/);
  const lines = logLines(stderr).filter((line) => /: would deny: /.test(line));
  assert.ok(lines.length >= 4, stderr);
});
