/** Counts of rules in the service: status, metrics, a restart, other rules. */
import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { needsKernel } from "../kernel/needs.ts";
import { run, USER, workplace } from "../kernel/watching.ts";
import { freePort } from "../outputs/receiver.ts";
import { Instance } from "./instance.ts";

const rule = (
  more = "",
): string => `rule { rule_name = umasks syscall_name = umask when = after ${more}
  filter_expression { UID == ${USER} && COMM == "python3" }
  action { type = COUNT by COMM, PARAMS[1] sum RETVAL hist PARAMS[1] } }`;

/** Makes 0 to 7 the mask, several times; each call gives the one before. */
const umasks = (times: number): Promise<unknown> =>
  run([
    "/usr/bin/python3",
    "-c",
    `import os\nfor _ in range(${times}):\n for i in range(8): os.umask(i)`,
  ]);

interface Counted {
  readonly rows: readonly { readonly key: readonly unknown[]; readonly count: number }[];
}

/** A service whose metrics are read on `port`. */
async function withMetrics(t: TestContext): Promise<{ instance: Instance; port: number }> {
  workplace();
  const instance = Instance.of(t);
  const port = await freePort();
  mkdirSync(join(instance.directory, "etc"));
  instance.write("etc/syscalltrack.toml", `[metrics]\nlisten = "127.0.0.1:${port}"\n`);
  return { instance, port };
}

test("counts of the service are in its status and metrics, and outlive it", async (t) => {
  if (!needsKernel(t)) return;
  const { instance, port } = await withMetrics(t);
  const upload = async (text: string, how: string): Promise<void> => {
    const { code, stderr } = await instance.run(
      "sct",
      "config",
      how,
      instance.write("r.conf", text),
    );
    assert.equal(code, 0, stderr);
  };
  const counted = async (): Promise<Counted> => {
    const { stdout } = await instance.run("sct", "status", "--json");
    return JSON.parse(stdout).counts[0];
  };
  assert.equal((await instance.run("sct_load")).code, 0);
  await upload(rule(), "upload");
  await umasks(10);
  const expected = Array.from({ length: 8 }, (_, i) => ({ key: ["python3", i], count: 10 }));
  const rowsOf = ({ rows }: Counted) => rows.map(({ key, count }) => ({ key, count }));
  assert.deepEqual(rowsOf(await counted()), expected);

  const { stdout: status } = await instance.run("sct", "status");
  assert.match(
    status,
    /^COUNTED by umasks\nCOMM +PARAMS\[1\] +CALLS +SUM RETVAL\n"python3" +0 +10 /m,
  );
  const metrics = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  const label = String.raw`rule="umasks",key="\"python3\", 3"`;
  for (const line of [
    `syscalltrack_rule_counted_calls_total{${label}} 10`,
    `syscalltrack_rule_counted_sum{${label},of="RETVAL"} 20`,
    `syscalltrack_rule_counted_bucket{${label},of="PARAMS[1]",le="1"} 0`,
    `syscalltrack_rule_counted_bucket{${label},of="PARAMS[1]",le="3"} 10`,
    `syscalltrack_rule_counted_bucket{${label},of="PARAMS[1]",le="+Inf"} 10`,
    'syscalltrack_rule_hits_total{rule="umasks"} 80',
  ])
    assert.ok(metrics.split("\n").includes(line), `${line}\n${metrics}`);

  // the maps stay with the rules
  process.kill(instance.servicePid, "SIGKILL");
  await umasks(5);
  assert.equal((await instance.run("sct_load")).code, 0);
  assert.deepEqual(
    rowsOf(await counted()),
    expected.map((row) => ({ ...row, count: 15 })),
  );

  // another rule set begins at 0
  await upload(rule("priority = 3"), "replace");
  assert.deepEqual(await counted().then(rowsOf), []);
  await umasks(1);
  assert.deepEqual(
    rowsOf(await counted()),
    expected.map((row) => ({ ...row, count: 1 })),
  );
});

test("all keys of a full rule are counted, and metrics have some of them", async (t) => {
  if (!needsKernel(t)) return;
  const { instance, port } = await withMetrics(t);
  assert.equal((await instance.run("sct_load")).code, 0);
  const seeks = `rule { rule_name = seeks syscall_name = lseek
    filter_expression { UID == ${USER} && PARAMS[2] >= 100000 }
    action { type = COUNT by PARAMS[2] } }`;
  const uploaded = await instance.run("sct_config", "upload", instance.write("r.conf", seeks));
  assert.equal(uploaded.code, 0, uploaded.stderr);
  const keys = 8000;
  await run([
    "/usr/bin/python3",
    "-c",
    `import os\nf = os.open("/dev/zero", os.O_RDONLY)\nfor i in range(${keys}): os.lseek(f, 100000 + i, 0)`,
  ]);
  const { stdout } = await instance.run("sct", "status", "--json");
  const [{ rows, more }] = JSON.parse(stdout).counts;
  assert.deepEqual([rows.length, more], [20, { keys: keys - 20, count: keys - 20 }]);
  const scrape = async (): Promise<readonly string[]> => {
    const answer = await fetch(`http://127.0.0.1:${port}/metrics`);
    return (await answer.text()).split("\n").filter((line) => line.includes("_counted_calls_"));
  };
  const [first, second] = await Promise.all([scrape(), scrape()]);
  const others = 'syscalltrack_rule_counted_calls_total{rule="seeks",key="(others)"}';
  assert.equal(first.at(-1), `${others} ${keys - 100}`);
  assert.equal(second.at(-1), first.at(-1));
});
