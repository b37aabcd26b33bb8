import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { parseConfig } from "./config/config.ts";
import { Outputs } from "./outputs.ts";
import { outputEvents, runOf } from "./testing/events.ts";
import { waitFor } from "./testing/wait-for.ts";

function open(t: TestContext) {
  const directory = mkdtempSync(join(tmpdir(), "sct-outputs-"));
  t.after(() => rmSync(directory, { recursive: true }));
  const file = (name: string, path: string) =>
    `[[outputs]]\ntype = "file"\nname = "${name}"\npath = "${join(directory, path)}"\n`;
  // nobody listens there
  const away = (token: string, events = 100) =>
    `[[outputs]]\ntype = "webhook"\nname = "away"\nurl = "http://127.0.0.1:9/"\nqueue_events = ${events}\nheaders = { A = "${token}" }\n`;
  const configs = (text: string) => {
    const { config, diagnostics } = parseConfig(text, "test.toml");
    assert.deepEqual(diagnostics, []);
    return config.outputs;
  };
  const notices: (string | undefined)[] = [];
  const outputs = Outputs.open([], {
    onNotice: (name, problem) => notices.push(`${name}: ${problem}`),
    closeTimeoutMs: 200,
  });
  const read = (path: string) => readFileSync(join(directory, path), "utf8");
  const of = (name: string) => outputs.counters().find((one) => one.name === name);
  return { outputs, file, away, configs, notices, read, of };
}

test("configure() leaves outputs that have not changed as they are, with what waits in them", async (t) => {
  const { outputs, file, away, configs, read, of } = open(t);
  outputs.configure(configs(file("a", "a") + away("x")));
  outputs.deliver(runOf(outputEvents(120)));
  await waitFor("delivery", () => of("a")?.delivered === 120 && of("away")?.problem !== undefined);
  const before = of("away");
  assert.deepEqual([before?.queued, before?.lost], [100, 20]);

  outputs.configure(configs(away("x") + file("a", "b")));
  assert.deepEqual([of("away")?.queued, of("away")?.lost], [100, 20]);
  assert.equal(of("a")?.delivered, 120);
  outputs.deliver(runOf(outputEvents(3, 200)));
  await waitFor("delivery", () => of("a")?.delivered === 123);
  assert.equal(read("b"), "event 200\nevent 201\nevent 202\n");
  assert.equal(read("a").split("\n").length, 121);
  await outputs.close(100);
});

test("configure() takes over what waits in an output whose configuration has changed, and what it lost", async (t) => {
  const { outputs, file, away, configs, notices, of } = open(t);
  outputs.configure(configs(away("x")));
  outputs.deliver(runOf(outputEvents(120)));
  await waitFor("failure", () => of("away")?.problem !== undefined);
  // a header is a difference, too
  outputs.configure(configs(away("y")));
  await waitFor("an attempt of the new one", () => of("away")?.problem !== undefined);
  assert.deepEqual([of("away")?.queued, of("away")?.lost], [100, 20]);
  outputs.configure(configs(file("a", "a")));
  await waitFor("what nobody gets", () => notices.some((line) => line?.includes("closed")));
  assert.match(notices.at(-1) ?? "", /^away: it is closed, 120 events were not written to it$/);
  await outputs.close(100);
});
