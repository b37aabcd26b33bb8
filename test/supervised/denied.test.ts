/** What is denied is said at the end; lines can go where only a reader of them is. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { logLines, SCT, testAsEach } from "./sct.ts";

const RMDIR = ["sh", "-c", "rmdir /no/such; echo out; exit 3"];
const DELETES = ["sh", "-c", "rm /no/one; rm /no/two; rmdir /no/such; exit 3"];

testAsEach("what was denied is said at the end", (place) => {
  const { status, stderr, stdout } = place.run(["--deny", "@delete"], RMDIR);
  assert.deepEqual([status, stdout], [3, "out\n"]);
  assert.match(stderr, /\nsct: --deny @delete:1: 1 call denied with EACCES: 1 rmdir\n$/);
  // which of the calls that a rule stands for
  const several = place.run(["--deny", "@delete"], DELETES);
  assert.match(several.stderr, /\nsct: .*: 3 calls denied with EACCES: 2 unlinkat, 1 rmdir\n$/);
  const one = place.run(["-e", "rmdir then FAIL EIO"], RMDIR);
  assert.match(one.stderr, /\nsct: -e:1: 1 call denied with EIO: 1 rmdir\n$/);
  const quiet = place.run(["-q", "-e", "rmdir then FAIL EIO"], RMDIR);
  assert.doesNotMatch(quiet.stderr, /sct:/);
  assert.match(quiet.stderr, /Input\/output error/);
  // a rule that denied nothing has nothing to say
  assert.doesNotMatch(place.run(["--deny", "@delete"], ["true"]).stderr, /sct:/);
});

testAsEach("-o - gives lines alone on standard output", (place) => {
  const { stdout, stderr, status } = place.run(["--json", "-o", "-", "-e", "rmdir"], RMDIR);
  const [event] = stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  assert.equal(event.syscall, "rmdir");
  assert.equal(status, 3);
  assert.match(stderr, /^out$/m);
});

testAsEach("--json-fd gives lines to a descriptor that the command does not get", (place) => {
  const script = `${SCT} run --json-fd 5 -e rmdir -- sh -c 'rmdir /no/such; echo x >&5' 5>events`;
  const { stderr } = place.plain(["sh", "-c", script]);
  const text = readFileSync(join(place.directory, "events"), "utf8");
  const events = text
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  assert.deepEqual(
    events.map(({ syscall }) => syscall),
    ["rmdir"],
  );
  assert.match(stderr, /5/);
  const closed = place.run(["--json-fd", "77", "-e", "rmdir"], ["true"]);
  assert.equal(closed.status, 125);
  assert.match(closed.stderr, /descriptor 77: it is not open/);
});

testAsEach("with -o warnings are in the file, once", (place) => {
  const { stderr } = place.run(["-o", "log", "-q", "--deny", "connect"], ["echo", "x"]);
  assert.equal(stderr, "");
  const text = readFileSync(join(place.directory, "log"), "utf8");
  assert.equal(text.match(/other_way/g)?.length, 1);
  const json = place.run(["--json", "-o", "log", "--deny", "connect"], ["true"]);
  assert.deepEqual(logLines(json.stderr), []);
  const [first] = readFileSync(join(place.directory, "log"), "utf8").split("\n");
  assert.equal(JSON.parse(first ?? "").warning.code, "other_way");
});
