/** `sct log` on histories that were written before or are being written. */
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, test } from "node:test";
import { BOOT_OFFSET_NS, RING } from "../../store/testing/records.ts";
import { Session } from "../testing/session.ts";
import { Instance, main } from "./testing/instance.ts";

const session = new Session();
after(() => session.close());

const HOSTILE = '\x1b[2J"\nforged line';

test("sct log prints events of each rule set by its own rules, escaped", async (t) => {
  const instance = new Instance(t, session);
  const history = instance.open();
  instance.append(history, 0, "./a");
  instance.append(history, 1, HOSTILE);
  instance.append(history, 0, "./c");
  history.close();
  assert.deepEqual(await instance.lines(), [
    '"rm" : "./a"',
    '"rm" : "\\33[2J\\"\\nforged line"',
    '"rm" : "./c"',
  ]);
  assert.deepEqual(await instance.lines("-n", "1"), ['"rm" : "./c"']);
  assert.deepEqual(await instance.lines("--rule", "old", "-n", "1"), ['"rm" : "./c"']);
  assert.deepEqual(await instance.lines("--path", HOSTILE), ['"rm" : "\\33[2J\\"\\nforged line"']);
  assert.deepEqual(await instance.lines("--path", "./nowhere"), []);
  const events = (await instance.lines("--json")).map((line) => JSON.parse(line));
  assert.deepEqual(
    events.map(({ gen, rule, seq, params }) => [gen, rule, seq, params[0].value]),
    [
      [1, "old", 1, "./a"],
      [2, "new", 2, HOSTILE],
      [1, "old", 3, "./c"],
    ],
  );
});

test("sct log prints no line of a rule without LOG, says so, and shows its events with --json", async (t) => {
  const instance = new Instance(t, session);
  const history = instance.open();
  instance.append(history, 0, "./a");
  instance.append(history, 2, "./denied", 2);
  instance.append(history, 0, "./b");
  instance.append(history, 2, "./denied again");
  history.close();
  const { status, stdout, stderr } = await instance.log();
  assert.deepEqual(
    [status, stdout, stderr],
    [
      0,
      '"rm" : "./a"\n"rm" : "./b"\n',
      "sct log: 3 events of rules without LOG not printed; --json shows all\n",
    ],
  );
  // nothing is said of events before the lines that were asked for
  assert.match((await instance.log("-n", "1")).stderr, /^sct log: 1 event of /);
  assert.deepEqual((await instance.lines("--rule", "old")).length, 2);
  assert.match((await instance.log("--rule", "quiet")).stderr, /^sct log: 3 events of /);
  const events = (await instance.lines("--json", "--rule", "quiet")).map((line) =>
    JSON.parse(line),
  );
  assert.deepEqual(
    events.map(({ rule, actions, message, params }) => [rule, actions, message, params[0].value]),
    ["./denied", "./denied", "./denied again"].map((path) => ["quiet", ["FAIL"], null, path]),
  );
  assert.equal((await instance.lines("--json", "-n", "2")).length, 2);
});

test("sct log finds names that are not UTF-8 by their bytes, and as JSON shows them", async (t) => {
  const instance = new Instance(t, session);
  const history = instance.open();
  // \x80, \xff, and U+FFFD itself
  const names = ["./a\udc80", "./a\udcffé", "./a\ufffd"];
  for (const name of names) instance.append(history, 0, name);
  history.close();
  // bash writes such bytes, and the characters that JSON has for them
  const log = (option: string) => {
    const script = `exec "$0" "$1" log --json --state-dir "$2" ${option}`;
    const args = [process.execPath, main, instance.path];
    const { stdout, stderr, status } = spawnSync("bash", ["-c", script, ...args], {
      encoding: "utf8",
      env: { ...process.env, LC_ALL: "C.UTF-8" },
    });
    assert.deepEqual([status, stderr], [0, ""]);
    const lines = stdout.split("\n").slice(0, -1);
    return lines.map((line) => JSON.parse(line).params[0].value);
  };
  assert.deepEqual(log(String.raw`--path $'./a\x80'`), [names[0]]);
  assert.deepEqual(log(String.raw`--path=$'./a\xff\u00e9'`), [names[1]]);
  assert.deepEqual(
    log(String.raw`--path $'./a\udc80' --path $'./a\udcff\u00e9'`),
    names.slice(0, 2),
  );
  assert.deepEqual(log("--path ./a\ufffd"), [names[2]]);
  assert.deepEqual(log(String.raw`--path $'./a\x81'`), []);
  assert.deepEqual(log(String.raw`--comm $'rm\xff'`), []);
});

test("sct log asks for rules by pattern, priority and tag, for calls, users and programs", async (t) => {
  const instance = new Instance(t, session);
  const history = instance.open();
  instance.append(history, 0, "./a");
  instance.append(history, 1, "./b");
  history.close();
  const count = async (...args: string[]): Promise<number> =>
    (await instance.lines(...args)).length;
  assert.equal(await count("--rule", "o*"), 1);
  assert.equal(await count("--rule", "*"), 2);
  assert.equal(await count("--syscall", "unlink"), 2);
  assert.equal(await count("--syscall", "@delete"), 2);
  assert.equal(await count("--syscall", "open"), 0);
  assert.equal(await count("--uid", "root"), 2);
  assert.equal(await count("--uid", "1"), 0);
  assert.equal(await count("--priority", "notice"), 2);
  assert.equal(await count("--priority", "3"), 0);
  assert.equal(await count("--exe", "rm"), 0);
  for (const [args, word] of [
    [["--syscall", "unlnk"], /unknown system call 'unlnk', did you mean 'unlink'\?/],
    [["--uid", "no such user"], /no user 'no such user'/],
    [["--priority", "loud"], /--priority takes 0 to 7, or emerg/],
    [["--tag", "audit"], /no rule has the tag 'audit', now or in the history/],
    [
      ["--rule", "quite"],
      /no rule is called 'quite', now or in the history, did you mean 'quiet'\?/,
    ],
  ] as const) {
    const { status, stderr } = await instance.log(...args);
    assert.equal(status, 2);
    assert.match(stderr, word);
  }
});

test("sct log knows rules that are loaded and have no events, and with -f waits for those to come", async (t) => {
  const instance = new Instance(t, session);
  const history = instance.open();
  instance.append(history, 0, "./a");
  const rule =
    "rule { syscall_name = open rule_name = fresh tags = audit action { type = LOG } }\n";
  writeFileSync(join(instance.path, "state", "rules.conf"), rule);
  assert.deepEqual(await instance.lines("--rule", "fresh", "--tag", "audit"), []);
  assert.match((await instance.log("--rule", "frehs")).stderr, /did you mean 'fresh'\?/);
  const all = [main, "log", "-f", "--state-dir", instance.path, "--rule", "frehs"];
  const child = spawn(process.execPath, all, { stdio: ["ignore", "ignore", "pipe"] });
  t.after(() => child.kill("SIGKILL"));
  const [text] = await once(child.stderr.setEncoding("utf8"), "data");
  assert.match(text, /^sct log: no rule is called 'frehs', .*'fresh'\?\n$/);
  const exit = once(child, "exit");
  child.kill("SIGINT");
  assert.deepEqual(await exit, [0, null]);
  history.close();
});

test("sct log begins its lines with day and time, and looks for text in them", async (t) => {
  const instance = new Instance(t, session);
  const history = instance.open();
  for (const path of ["./a", "./b", "./a.b", HOSTILE]) instance.append(history, 0, path);
  history.close();
  const dated = await instance.lines("--time");
  assert.deepEqual(
    dated.map((line) => line.replace(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6} /, "")),
    await instance.lines(),
  );
  assert.match(dated[0] ?? "", /^\d{4}-.*\.\d{6} "rm" : "\.\/a"$/);
  assert.deepEqual(await instance.lines("--grep", 'a"$'), ['"rm" : "./a"']);
  // what is not in the line as it is printed is not found
  assert.deepEqual(await instance.lines("--grep", "^forged"), []);
  assert.deepEqual((await instance.lines("--grep", "forged line", "-n", "1")).length, 1);
  assert.deepEqual(await instance.lines("--grep", "/a", "--grep", "/b", "-n", "2"), [
    '"rm" : "./b"',
    '"rm" : "./a.b"',
  ]);
  assert.deepEqual(await instance.lines("--time", "--grep", "^\\d", "--count"), ["4"]);
  assert.equal((await instance.lines("--json", "--grep", '"seq":2,')).length, 1);
  const { status, stderr } = await instance.log("--grep", "unlink(");
  assert.equal(status, 2);
  assert.match(stderr, /^sct log: --grep takes a regular expression.*'unlink\('/);
});

test("sct log counts events, all or by a field, also those without a line, and reports what is missing", async (t) => {
  const instance = new Instance(t, session);
  const history = instance.open();
  instance.append(history, 0, "./a", 2);
  instance.append(history, 2, "./denied", 5000);
  instance.append(history, 1, HOSTILE, 11);
  assert.deepEqual(await instance.lines("--count"), ["5013"]);
  assert.deepEqual(await instance.lines("--by", "rule"), ["5000  quiet", "  11  new", "   2  old"]);
  assert.deepEqual(await instance.lines("--by", "path", "--rule", "new", "--count"), [
    '11  "\\33[2J\\"\\nforged line"',
  ]);
  assert.deepEqual(await instance.lines("--by", "uid", "--json"), ['{"uid":0,"count":5013}']);
  const place = { ringId: RING, position: 0, bootOffsetNs: BOOT_OFFSET_NS };
  const atMs = Date.UTC(2026, 10, 23, 15);
  const reports = [{ kind: "loss", total: 3, rules: { old: 3 }, atMs }] as const;
  history.append({ bytes: new Uint8Array(0), ...place, reports });
  history.close();
  const { status, stdout, stderr } = await instance.log("--count", "--rule", "old", "--grep", "rm");
  assert.deepEqual([status, stdout, stderr], [0, "2\n", "sct log: not counted: 3 events lost\n"]);
  const quiet = await instance.log("--count", "--rule", "quiet", "--grep", "rm");
  assert.match(quiet.stderr, /^sct log: 5000 events of rules without LOG not counted; --json /m);
  for (const args of [
    ["--by", "color"],
    ["--count", "-f"],
    ["--by", "uid", "-n", "3"],
  ])
    assert.equal((await instance.log(...args)).status, 2);
});

test("sct log -n counts lines over batches", async (t) => {
  const instance = new Instance(t, session);
  const history = instance.open();
  for (let n = 0; n < 5; n++) instance.append(history, n % 2, `./${n}`, 3000);
  history.close();
  for (const count of [1, 2999, 3001, 7000])
    assert.equal((await instance.lines("-n", `${count}`)).length, count);
  assert.equal((await instance.lines("-n", "4000", "--rule", "new")).at(0), '"rm" : "./1"');
  assert.equal((await instance.lines("-n", "99999999")).length, 15_000);
  assert.equal((await instance.lines("-n", "0")).length, 0);
});

test("sct log reports losses in their place", async (t) => {
  const instance = new Instance(t, session);
  const history = instance.open();
  instance.append(history, 0, "./a");
  const place = { ringId: RING, position: 0, bootOffsetNs: BOOT_OFFSET_NS };
  const atMs = Date.UTC(2026, 10, 23, 15);
  const reports = [
    { kind: "loss", total: 3, rules: { old: 2 }, atMs },
    { kind: "throttled", total: 7, rules: { new: 7 }, atMs },
  ] as const;
  history.append({ bytes: new Uint8Array(0), ...place, reports });
  instance.append(history, 0, "./b");
  history.close();
  const at = "2026-11-23T15:00:00.000000000Z";
  assert.deepEqual(await instance.lines(), [
    '"rm" : "./a"',
    `-- ${at} 3 events lost (old 2)`,
    `-- ${at} 7 events left out, there were too many (new 7)`,
    '"rm" : "./b"',
  ]);
  assert.deepEqual(await instance.lines("--json", "--rule", "new", "--since", "2026-11-23"), [
    `{"v":1,"ts":"${at}","loss":{"total":3,"rules":{"old":2}}}`,
    `{"v":1,"ts":"${at}","throttled":{"total":7,"rules":{"new":7}}}`,
  ]);
});

test("sct log counts what is damaged and prints the rest", async (t) => {
  const instance = new Instance(t, session);
  const history = instance.open();
  instance.append(history, 0, "./a", 5000);
  history.close();
  const database = new DatabaseSync(instance.file);
  database.exec("UPDATE content SET records = x'28b52ffd00' WHERE id = 1");
  database.close();
  const { status, stdout, stderr } = await instance.log();
  assert.deepEqual([status, stderr], [1, "sct log: 4096 events cannot be read: damaged\n"]);
  assert.equal(stdout.split("\n").length - 1, 904);
});

test("sct log says of which events the rule set is missing", async (t) => {
  const instance = new Instance(t, session);
  const history = instance.open();
  instance.append(history, 0, "./a");
  instance.append(history, 3, "./unknown", 2);
  history.close();
  const { status, stdout, stderr } = await instance.log();
  const lacks = "the history lacks the rule set that made them";
  assert.deepEqual(
    [status, stdout, stderr],
    [1, '"rm" : "./a"\n', `sct log: 2 events cannot be read: ${lacks}\n`],
  );
});

test("sct log says what it needs", async (t) => {
  const instance = new Instance(t, session);
  const { status, stderr } = await instance.log();
  assert.equal(status, 3);
  assert.match(stderr, /^sct log: there is no history: .*\n'sct load' starts the service/);
  for (const args of [
    ["x"],
    ["--since", "x"],
    ["-n", "-1"],
    ["--pid", "x"],
    ["-f", "--until", "1m"],
  ])
    assert.equal((await instance.log(...args)).status, 2);
});
