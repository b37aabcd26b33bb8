/** What the unit shuts the service out of is nothing that it needs: history, log, outputs, metrics, rules on files. */
import assert from "node:assert/strict";
import { linkSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { callSeen, needsSystemd, PROTECTED, run, said, seen, show, until } from "./machine.ts";

const UPLOADED = `rule {
  rule_name = uploaded
  syscall_name = mkdir
  filter_expression { PARAMS[1] == "/run/made" }
  action { type = LOG log_format {made %param1} }
}
`;
const lines = (text: string): string[] => text.split("\n").filter(Boolean);
const codeOf = (work: () => void): string => {
  try {
    work();
    return "done";
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? "";
  }
};

test("the sandbox is there", async (t) => {
  if (!needsSystemd(t)) return;
  const { MainPID } = await show("MainPID");
  const status = readFileSync(`/proc/${MainPID}/status`, "utf8");
  assert.match(status, /^NoNewPrivs:\t1$/m);
  assert.match(status, /^Seccomp:\t2$/m);
  assert.doesNotMatch(status, /^CapBnd:\t0*1ffffffffff$/m);
  const mounts = readFileSync(`/proc/${MainPID}/mountinfo`, "utf8");
  for (const path of ["/usr", "/etc", "/home"])
    assert.match(mounts, new RegExp(` ${path} ro[ ,]`), path);
});

test("doctor finds nothing missing that the kernel has", async (t) => {
  if (!needsSystemd(t)) return;
  const { verdicts } = JSON.parse(await said("sct", "doctor", "--json"));
  for (const { name, good, lines: reported } of verdicts) assert.ok(good, `${name}: ${reported}`);
});

test("the history, the log and each output have every event", async (t) => {
  if (!needsSystemd(t)) return;
  callSeen("sandbox-1", "sandbox-2", "sandbox-3");
  const isOurs = ({ name }: { name: string }): boolean => name.startsWith("sandbox-");
  const stored = await until(
    async () => (await seen()).filter(isOurs),
    ({ length }) => length === 3,
  );
  assert.equal(stored.length, 3);

  const file = await until(
    () => lines(readFileSync("/var/log/syscalltrack/events.log", "utf8")),
    (all) => all.filter((line) => line.includes("/nothing/sandbox-")).length === 3,
  );
  assert.match(file.at(-1) ?? "", /tried "\/nothing\/sandbox-3"$/);

  const journal = async (...filter: readonly string[]) =>
    lines(await said("journalctl", "--output=json", "--all", "--quiet", ...filter))
      .map((line) => JSON.parse(line))
      .filter(({ MESSAGE }) => String(MESSAGE).includes("/nothing/sandbox-"));
  // fields of the native protocol, with the unit that systemd knows them to come from
  const native = await until(
    () => journal("SCT_RULE=seen"),
    ({ length }) => length === 3,
  );
  assert.equal(native.length, 3);
  const [entry] = native;
  assert.equal(entry._SYSTEMD_UNIT, "syscalltrackd.service");
  assert.deepEqual([entry.SCT_SYSCALL, entry.SCT_ACTIONS], ["rmdir", "LOG"]);
  assert.equal(entry.SCT_PID, String(process.pid));
  // and lines of /dev/log
  const syslog = await until(
    () => journal("_TRANSPORT=syslog"),
    ({ length }) => length === 3,
  );
  assert.equal(syslog.length, 3);

  const status = JSON.parse(await said("sct", "status", "--json"));
  assert.deepEqual(status.problems, []);
  for (const { name, lost, error } of status.outputs)
    assert.deepEqual([lost, error], [0, undefined], name);
});

test("metrics are on the loopback interface", async (t) => {
  if (!needsSystemd(t)) return;
  const metrics = await (await fetch("http://127.0.0.1:9466/metrics")).text();
  const [, hits] = /^syscalltrack_rule_hits_total\{rule="seen"\} (\d+)$/m.exec(metrics) ?? [];
  const { rules } = JSON.parse(await said("sct", "status", "--json"));
  assert.equal(Number(hits), rules.find(({ name }: { name: string }) => name === "seen").hits);
});

test("a rule on a file holds under its other names, where the unit may not write", async (t) => {
  if (!needsSystemd(t)) return;
  writeFileSync(PROTECTED, "echo\n");
  assert.equal(
    codeOf(() => linkSync(PROTECTED, "/etc/other")),
    "EPERM",
  );
  assert.equal(
    codeOf(() => renameSync(PROTECTED, "/etc/other")),
    "EPERM",
  );
  assert.match((await run("rm", "-f", "/etc/../etc/inetd.conf")).stderr, /not permitted/);
});

test("rules are uploaded and deleted; what is in force is on the disk", async (t) => {
  if (!needsSystemd(t)) return;
  const saved = (): string => readFileSync("/var/lib/syscalltrack/rules.conf", "utf8");
  const before = await said("sct", "config", "download");
  writeFileSync("/run/uploaded.conf", UPLOADED);
  await said("sct", "config", "upload", "/run/uploaded.conf");
  assert.match(saved(), /uploaded/);
  mkdirSync("/run/made");
  const logged = await until(
    async () => (await run("sct", "log", "--no-time", "--rule", "uploaded")).stdout,
    (text) => text !== "",
  );
  assert.equal(logged, 'made "/run/made"\n');
  await said("sct", "config", "delete", "uploaded");
  assert.equal(await said("sct", "config", "download"), before);
  assert.equal(saved(), before);
});
