/** What systemctl and dpkg do to the service: rules act throughout, and events are reported once each. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { needsSystemd, PROTECTED, run, said, show, tryToDelete, UNIT, until } from "./machine.ts";

const DELETING = fileURLToPath(new URL("../programs/deleting.py", import.meta.url));
const CONFIG = "/etc/syscalltrack/syscalltrack.toml";

interface Status {
  readonly pid: number;
  readonly outputs: readonly { readonly name: string }[];
  readonly rules: readonly { readonly name: string; readonly hits: number }[];
}

const status = async (): Promise<Status> => JSON.parse(await said("sct", "status", "--json"));

/** Process of the unit, once it is active and another than before. */
async function successor(of: number): Promise<number> {
  const { ActiveState, MainPID } = await until(
    () => show("ActiveState", "MainPID"),
    (now) => now["ActiveState"] === "active" && Number(now["MainPID"]) !== of,
  );
  assert.equal(ActiveState, "active");
  assert.notEqual(Number(MainPID), of);
  return Number(MainPID);
}

const denials = async (): Promise<number> => {
  const { stdout } = await run(
    "sct",
    "log",
    "--json",
    "--rule",
    "prevent_delete",
    "--comm",
    "probe",
  );
  return stdout.split("\n").filter(Boolean).length;
};

test("kill, reload, stop, start and an upgrade while somebody tries all the time", async (t) => {
  if (!needsSystemd(t)) return;
  if (!existsSync(PROTECTED)) writeFileSync(PROTECTED, "echo\n");
  const before = await denials();
  const hitsBefore = hitsOf(await status());
  const probe = spawn(
    "/bin/sh",
    [
      "-c",
      'ln -sf /usr/bin/python3 /run/probe && exec /run/probe "$@"',
      "sh",
      DELETING,
      PROTECTED,
      "0.1",
    ],
    { stdio: ["pipe", "pipe", "inherit"] },
  );
  const tries = text(probe.stdout);
  let pid = (await status()).pid;

  const { NRestarts } = await show("NRestarts");
  await said("systemctl", "kill", "--signal=KILL", UNIT);
  pid = await successor(pid);
  assert.equal(Number((await show("NRestarts"))["NRestarts"]), Number(NRestarts) + 1);

  const configured = readFileSync(CONFIG, "utf8");
  appendFileSync(
    CONFIG,
    '[[outputs]]\ntype = "file"\nname = "second"\npath = "/var/log/second.log"\n',
  );
  await said("systemctl", "reload", UNIT);
  const reloaded = await until(status, ({ outputs }) => outputs.length === 4);
  assert.deepEqual([reloaded.outputs.at(-1)?.name, reloaded.pid], ["second", pid]);
  writeFileSync(CONFIG, configured);

  await said("systemctl", "stop", UNIT);
  assert.equal((await show("ActiveState"))["ActiveState"], "inactive");
  assert.equal(tryToDelete(), "EPERM");
  await said("systemctl", "start", UNIT);
  pid = await successor(pid);

  const { SCT_PACKAGE } = process.env;
  assert.ok(SCT_PACKAGE);
  await said("dpkg", "--no-triggers", "--force-unsafe-io", "--install", SCT_PACKAGE);
  await successor(pid);

  probe.stdin.end();
  const [denied = 0, passed] = (await tries).split(" ").map(Number);
  assert.equal(passed, 0, `${passed} of ${denied} got through`);
  assert.ok(denied > 50, `${denied} tries`);
  // as often as it was denied, not less and not more
  const reported = await until(denials, (count) => count - before >= denied);
  assert.equal(reported - before, denied);
  // what tryToDelete() did is counted, but not by that name
  assert.equal(hitsOf(await status()) - hitsBefore, denied + 1);
  t.diagnostic(`${denied} tries, all denied, all reported once`);
});

function hitsOf({ rules }: Status): number {
  return rules.find(({ name }) => name === "prevent_delete")?.hits ?? 0;
}

/** Settings of the unit for one test. */
async function withDropIn(text: string, work: () => Promise<void>): Promise<void> {
  const directory = `/run/systemd/system/${UNIT}.d`;
  mkdirSync(directory, { recursive: true });
  writeFileSync(`${directory}/test.conf`, `[Service]\n${text}\n`);
  await said("systemctl", "daemon-reload");
  try {
    await work();
  } finally {
    rmSync(directory, { recursive: true });
    await said("systemctl", "daemon-reload");
  }
}

async function assertGivenUp(status: number): Promise<void> {
  const { NRestarts, ...state } = await show(
    ...["ActiveState", "Result", "ExecMainStatus", "NRestarts"],
  );
  const expected = { ActiveState: "failed", Result: "exit-code", ExecMainStatus: String(status) };
  assert.deepEqual(state, expected);
  assert.equal(NRestarts, "0");
}

test("a wrong command line is reported once, and rules keep acting", async (t) => {
  if (!needsSystemd(t)) return;
  if (!existsSync(PROTECTED)) writeFileSync(PROTECTED, "echo\n");
  await withDropIn("ExecStart=\nExecStart=/usr/bin/syscalltrackd --nonsense", async () => {
    assert.notEqual((await run("systemctl", "restart", UNIT)).code, 0);
    await assertGivenUp(2);
    assert.equal(tryToDelete(), "EPERM");
  });
  await said("systemctl", "start", UNIT);
  assert.equal((await status()).rules.length, 2);
});

test("sct unload takes everything away, and systemd leaves it at that", async (t) => {
  if (!needsSystemd(t)) return;
  if (!existsSync(PROTECTED)) writeFileSync(PROTECTED, "echo\n");
  assert.equal(tryToDelete(), "EPERM");
  await said("sct", "unload");
  assert.equal(tryToDelete(), "gone");
  assert.equal(existsSync("/sys/fs/bpf/syscalltrack"), false);
  const ended = await until(
    () => show("ActiveState", "Result", "NRestarts"),
    ({ ActiveState }) => ActiveState === "inactive",
  );
  assert.deepEqual(ended, { ActiveState: "inactive", Result: "success", NRestarts: "0" });
});

test("what the machine cannot do is reported once", async (t) => {
  if (!needsSystemd(t)) return;
  await said("sct", "unload");
  await withDropIn("CapabilityBoundingSet=", async () => {
    const { code, stderr } = await run("sct_load");
    assert.equal(code, 3);
    assert.match(stderr, /^sct load: Cannot start syscalltrackd\.service: .*\nSee 'journalctl/m);
    await assertGivenUp(3);
    const reported = await said("journalctl", "--unit", UNIT, "--quiet", "--output=cat");
    assert.equal(reported.match(/^syscalltrackd: Cannot .* gives EPERM$/gm)?.length, 1, reported);
  });
  // an administrator who masked the unit wants no service, and none beside it either
  await said("systemctl", "mask", "--runtime", UNIT);
  const masked = await run("sct_load");
  assert.equal(masked.code, 3);
  assert.match(masked.stderr, /^sct load: Cannot start syscalltrackd\.service: .* is masked/m);
  await said("systemctl", "unmask", "--runtime", UNIT);
  // starts the unit, not a service beside it, with the rules that were in force
  assert.match(await said("sct_load"), /^Successfully loaded: service \d+, 2 rules in force$/m);
  assert.equal((await show("ActiveState"))["ActiveState"], "active");
  writeFileSync(PROTECTED, "echo\n");
  assert.equal(tryToDelete(), "EPERM");
});
