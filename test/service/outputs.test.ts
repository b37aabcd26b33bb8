/** The configuration file: events reach the outputs that it names, metrics count them, and SIGHUP reads it again. */
import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, renameSync, statSync } from "node:fs";
import { get } from "node:http";
import { createServer } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { needsKernel } from "../kernel/needs.ts";
import { run, USER, workplace } from "../kernel/watching.ts";
import { Instance } from "./instance.ts";

const RULE = `rule { rule_name = mine syscall_name = getppid filter_expression { UID == ${USER} }
  action { type = LOG log_format {call of %pid} } }`;
const calls = (count: number): Promise<unknown> =>
  run([workplace().calls64, "loop", String(count), "110"]);

const DEADLINE_MS = 30_000;

/** Reads until the condition holds; what was read last, if it never does. */
async function until(read: () => Promise<string> | string, holds: (text: string) => boolean) {
  const deadline = performance.now() + DEADLINE_MS;
  for (;;) {
    const text = await read();
    if (holds(text) || performance.now() > deadline) return text;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}

function fetchText(port: number, path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    get({ host: "127.0.0.1", port, path }, (response) => {
      let text = "";
      response.on("data", (chunk) => {
        text += chunk;
      });
      response.on("end", () => resolve(text));
    }).on("error", reject);
  });
}

const lines = (path: string): string[] => {
  try {
    return readFileSync(path, "utf8").split("\n").filter(Boolean);
  } catch {
    return [];
  }
};

test("outputs and metrics of the service", async (t) => {
  if (!needsKernel(t)) return;
  const instance = Instance.of(t);
  const text = join(instance.directory, "events.log");
  const json = join(instance.directory, "events.json");
  const port = await freePort();
  mkdirSync(join(instance.directory, "etc"), { recursive: true });
  const configuration = (more: string): string => `
[ring]
size = "1M"
[metrics]
listen = "127.0.0.1:${port}"
[[outputs]]
type = "file"
name = "lines"
path = "${text}"
format = "text"
${more}`;
  const second = `[[outputs]]\ntype = "file"\nname = "objects"\npath = "${json}"\nformat = "json"\n`;
  instance.write("etc/syscalltrack.toml", configuration(second));
  const rules = instance.write("rule.conf", RULE);
  assert.equal((await instance.run("sct_load")).code, 0);
  const uploaded = await instance.run("sct_config", "upload", rules);
  assert.equal(uploaded.code, 0, uploaded.stderr);
  await calls(7);
  await until(
    () => lines(json).join("\n"),
    () => lines(json).length >= 7,
  );
  assert.equal(lines(text).length, 7);
  for (const line of lines(text)) assert.match(line, /^call of \d+$/);
  const events = lines(json).map((line) => JSON.parse(line));
  assert.deepEqual(
    events.map(({ rule, gen, seq, uid }) => [rule, gen, seq, uid]),
    Array.from({ length: 7 }, (_, i) => ["mine", events[0].gen, i + 1, USER]),
  );
  assert.equal(statSync(json).mode & 0o777, 0o600);
  const metrics = await fetchText(port, "/metrics");
  assert.match(metrics, /rule="mine"[^\n]* 7$/m);
  const status = JSON.parse((await instance.run("sct", "status", "--json")).stdout);
  assert.equal(status.ring.sizeBytes, 1 << 20);
  assert.deepEqual(
    status.outputs.map(({ name, lost }: { name: string; lost: number }) => [name, lost]),
    [
      ["lines", 0],
      ["objects", 0],
    ],
  );

  // rotated by somebody else, and one output less
  renameSync(text, `${text}.1`);
  instance.write("etc/syscalltrack.toml", configuration(""));
  process.kill(instance.servicePid, "SIGHUP");
  await until(
    async () => (await instance.run("sct", "status", "--json")).stdout,
    (answer) => JSON.parse(answer).outputs.length === 1,
  );
  await calls(2);
  await until(
    () => lines(text).join("\n"),
    () => lines(text).length >= 2,
  );
  assert.deepEqual([lines(text).length, lines(`${text}.1`).length, lines(json).length], [2, 7, 7]);

  // a file with errors changes nothing
  instance.write("etc/syscalltrack.toml", "[outputs");
  process.kill(instance.servicePid, "SIGHUP");
  await calls(1);
  await until(
    () => lines(text).join("\n"),
    () => lines(text).length >= 3,
  );
  assert.equal(lines(text).length, 3);
  const problems = async (): Promise<string> =>
    JSON.parse((await instance.run("sct", "status", "--json")).stdout).problems.join("\n");
  const wrong = /^the configuration is not in force, the one before is: .*\.toml:1:\d+: error: /;
  assert.match(await problems(), wrong);
  instance.write("etc/syscalltrack.toml", configuration(""));
  process.kill(instance.servicePid, "SIGHUP");
  assert.equal(await until(problems, (reported) => reported === ""), "");
});

test("a rule without LOG is in the history and in outputs of JSON, and prints no line", async (t) => {
  if (!needsKernel(t)) return;
  const { calls64 } = workplace();
  const instance = Instance.of(t);
  const text = join(instance.directory, "events.log");
  const json = join(instance.directory, "events.json");
  mkdirSync(join(instance.directory, "etc"), { recursive: true });
  const output = (path: string, format: string): string =>
    `[[outputs]]\ntype = "file"\nname = "${format}"\npath = "${path}"\nformat = "${format}"\n`;
  instance.write("etc/syscalltrack.toml", output(text, "text") + output(json, "json"));
  const kills = `rule { rule_name = stop syscall_name = unlink
    filter_expression { UID == ${USER} && PARAMS[1] == "/n/kill" } action { type = KILL } }`;
  assert.equal((await instance.run("sct_load")).code, 0);
  const rules = instance.write("rules.conf", kills + RULE);
  const uploaded = await instance.run("sct_config", "upload", rules);
  assert.equal(uploaded.code, 0, uploaded.stderr);
  const { pid, signal } = await run([calls64, "native", "87", "@/n/kill"]);
  assert.equal(signal, "SIGKILL");
  await calls(1);
  await until(
    () => lines(json).join("\n"),
    () => lines(json).length >= 2,
  );
  const events = lines(json).map((line) => JSON.parse(line));
  assert.deepEqual(
    events.map(({ rule, seq, message }) => [rule, seq, message === null]),
    [
      ["stop", 1, true],
      ["mine", 2, false],
    ],
  );
  const [stop] = events;
  assert.deepEqual([stop.pid, stop.exe, stop.params[0].value], [pid, calls64, "/n/kill"]);
  await until(
    () => lines(text).join("\n"),
    () => lines(text).length >= 1,
  );
  assert.match(lines(text).join("\n"), /^call of \d+$/);

  const log = await instance.run("sct", "log", "--rule", "stop");
  assert.deepEqual(
    [log.code, log.stdout, log.stderr],
    [0, "", "sct log: 1 event of rules without LOG not printed; --json shows all\n"],
  );
  const stored = await instance.run("sct", "log", "--rule", "stop", "--path", "/n/kill", "--json");
  assert.deepEqual(JSON.parse(stored.stdout), stop);
  const status = JSON.parse((await instance.run("sct", "status", "--json")).stdout);
  const [counted] = status.rules;
  assert.deepEqual([counted.name, counted.hits, counted.delivered], ["stop", 1, 1]);
});

test("a UDP receiver that does not listen holds up neither status nor history nor the end", async (t) => {
  if (!needsKernel(t)) return;
  const instance = Instance.of(t);
  mkdirSync(join(instance.directory, "etc"), { recursive: true });
  instance.write(
    "etc/syscalltrack.toml",
    `[[outputs]]\ntype = "syslog"\ntransport = "udp"\naddress = "127.0.0.1:${await freePort()}"\n`,
  );
  const rules = instance.write("rule.conf", RULE);
  assert.equal((await instance.run("sct_load")).code, 0);
  assert.equal((await instance.run("sct_config", "upload", rules)).code, 0);
  await calls(30_000);
  const status = async (): Promise<string> =>
    (await instance.run("sct", "status", "--json")).stdout;
  const kept = JSON.parse(
    await until(status, (text) => JSON.parse(text).history.storedEvents === 30_000),
  );
  assert.equal(kept.history.storedEvents, 30_000);
  const [{ delivered, lost, error }] = kept.outputs;
  assert.equal(delivered, 0);
  assert.ok(lost > 0 && lost < 100, `${lost} lost`);
  assert.match(error, /ECONNREFUSED/);
  const pid = instance.servicePid;
  process.kill(pid, "SIGTERM");
  const isGone = () => String(!existsSync(`/proc/${pid}`));
  assert.equal(await until(isGone, (gone) => gone === "true"), "true");
});

test("the log of a service without systemd: why an output fails, and events of a terminal, over a restart", async (t) => {
  if (!needsKernel(t)) return;
  const instance = Instance.of(t);
  mkdirSync(join(instance.directory, "etc"), { recursive: true });
  const missing = join(instance.directory, "missing");
  instance.write(
    "etc/syscalltrack.toml",
    `[[outputs]]\ntype = "terminal"\n[[outputs]]\ntype = "journald"\npath = "${missing}"\n`,
  );
  assert.equal((await instance.run("sct_load")).code, 0);
  const uploaded = await instance.run("sct_config", "upload", instance.write("rule.conf", RULE));
  assert.equal(uploaded.code, 0, uploaded.stderr);
  const log = (): string[] => lines(join(instance.directory, "run/service.log"));
  const events = (): string[] => log().filter((line) => /^call of \d+$/.test(line));
  const reasons = (): string[] =>
    log().filter((line) => /^syscalltrackd: output journald: .*ENOENT/.test(line));
  const all = () => log().join("\n");
  for (const [count, starts] of [
    [500, 1],
    [1000, 2],
  ] as const) {
    await calls(500);
    await until(all, () => events().length === count && reasons().length === starts);
    assert.deepEqual([events().length, reasons().length], [count, starts], all());
    process.kill(instance.servicePid, "SIGTERM");
    assert.equal((await instance.run("sct_load")).code, 0);
  }
});

test("a configuration with errors at the start: the service has its rules, and says what holds", async (t) => {
  if (!needsKernel(t)) return;
  const instance = Instance.of(t);
  mkdirSync(join(instance.directory, "etc"), { recursive: true });
  instance.write("etc/syscalltrack.toml", "[history]\nmax_siz = 7\n");
  const { code, stderr } = await instance.run("sct_load");
  assert.equal(code, 0);
  const wrong =
    /the configuration is not in force, defaults are: .*\.toml:2:1: error: .*'history.max_siz' is unknown/;
  assert.match(stderr, wrong);
  assert.match((await instance.run("sct", "status")).stdout, wrong);
});
