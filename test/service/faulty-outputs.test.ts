/** Nine outputs, eight of which get nowhere: the ninth has all events, and what the others have not had waits for them. */
import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { waitFor } from "../../src/sinks/testing/wait-for.ts";
import { needsKernel } from "../kernel/needs.ts";
import { run, USER, workplace } from "../kernel/watching.ts";
import { openFaultyReceivers, section } from "../outputs/faulty-receivers.ts";
import { Instance } from "./instance.ts";

const CALLS = 40_000;
const GETPPID = "110";
const RULE = `rule { rule_name = mine syscall_name = getppid filter_expression { UID == ${USER} } action { type = LOG } }`;

interface OutputStatus {
  readonly name: string;
  readonly delivered: number;
  readonly lost: number;
  readonly waiting: number;
}

test("eight outputs that get nowhere cost the ninth nothing, and their events wait over a restart", async (t) => {
  if (!needsKernel(t)) return;
  const instance = Instance.of(t);
  const faulty = await openFaultyReceivers();
  t.after(() => faulty.close());
  const path = join(instance.directory, "events.json");
  mkdirSync(join(instance.directory, "etc"), { recursive: true });
  const good = section({ name: "good", type: "file", format: "json", path, max_size: 0 });
  instance.write("etc/syscalltrack.toml", faulty.configuration + good);
  const status = async () => JSON.parse((await instance.run("sct", "status", "--json")).stdout);
  const outputs = async (): Promise<readonly OutputStatus[]> => (await status()).outputs;

  assert.equal((await instance.run("sct_load")).code, 0);
  const uploaded = await instance.run("sct_config", "upload", instance.write("rule.conf", RULE));
  assert.equal(uploaded.code, 0, uploaded.stderr);
  await run([workplace().calls64, "loop", String(CALLS), GETPPID]);
  const isGood = ({ name, delivered }: OutputStatus) => name === "good" && delivered === CALLS;
  await waitFor("the good output", async () => (await outputs()).some(isGood));

  const numbers = readFileSync(path, "utf8")
    .split("\n")
    .slice(0, -1)
    .map((line) => JSON.parse(line).seq);
  assert.equal(numbers.length, CALLS);
  assert.equal(new Set(numbers).size, CALLS);
  const before = await outputs();
  assert.equal(before.length, faulty.count + 1);
  for (const { name, delivered, lost, waiting } of before)
    assert.equal(delivered + lost + waiting, CALLS, name);
  const { memory, problems } = await status();
  assert.ok(memory.used <= memory.limit, JSON.stringify(memory));
  for (const n of [1, 3, 5, 8])
    assert.ok(
      problems.some((line: string) => line.startsWith(`output faulty-${n}: `)),
      `faulty-${n} in ${problems}`,
    );

  const pid = instance.servicePid;
  process.kill(pid, "SIGTERM");
  await waitFor("the end", () => !existsSync(`/proc/${pid}`));
  assert.equal((await instance.run("sct_load")).code, 0);
  const waiting = async () => (await outputs()).find(({ name }) => name === "faulty-1")?.waiting;
  assert.equal(await waiting(), CALLS);
  assert.equal((await outputs()).find(({ name }) => name === "good")?.waiting, 0);
});
