/** Commands under policies: what is allowed works, what is not fails with its error and a line that names the list. */
import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { logLines, testAsEach } from "./sct.ts";

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
    /^sct: p\.write\.names: 1 call denied with EACCES: 1 unlinkat; write is at -e:4$/m,
  );
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
