/** `sct top` on a running service: nothing is loaded, the service's numbers and events are shown. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { needsKernel } from "../kernel/needs.ts";
import { start, USER, workplace } from "../kernel/watching.ts";
import { Instance } from "./instance.ts";

const TERMINAL = new URL("../programs/terminal.py", import.meta.url).pathname;
const SCT = new URL("../../bin/sct", import.meta.url).pathname;
const RULES = `rule { rule_name = parents syscall_name = getppid filter_expression { UID == ${USER} } action { type = LOG } }
  rule { rule_name = names syscall_name = unlink filter_expression { UID == ${USER} } action { type = LOG } }`;

test("top shows the rules, processes and paths of the service, and loads nothing", async (t) => {
  if (!needsKernel(t)) return;
  const instance = Instance.of(t);
  const nobody = await instance.run("sct", "top", "--once");
  assert.equal(nobody.code, 3);
  assert.match(nobody.stderr, /no service runs: give rules with -f or -e/);
  assert.equal((await instance.run("sct_load")).code, 0);
  const uploaded = await instance.run("sct_config", "upload", instance.write("rules.conf", RULES));
  assert.equal(uploaded.code, 0, uploaded.stderr);

  const { calls64, directory } = workplace();
  const missing = join(directory, "missing");
  const script = `trap 'exit 0' TERM; while :; do ${calls64} loop 100 110; ${calls64} loop 10 87 @${missing}; sleep 0.1; done`;
  const load = start(["/bin/sh", "-c", script]);
  const ended = new Promise((resolve) => load.on("close", resolve));
  try {
    const { code, stdout, stderr } = await instance.run(
      "sct",
      "top",
      "--once",
      "--json",
      "--interval",
      "3s",
    );
    assert.equal(code, 0, stderr);
    const frame = JSON.parse(stdout);
    assert.deepEqual(
      frame.rules.map(({ name }: { name: string }) => name),
      ["parents", "names"],
    );
    const [parents, names] = frame.rules;
    assert.ok(parents.rate > 0 && names.rate > 0, stdout);
    // ten times as many, up to what is cut off at either end
    assert.ok(parents.total > 5 * names.total && parents.total < 20 * names.total, stdout);
    assert.ok(frame.processes.every(({ name }: { name: string }) => / calls64$/.test(name)));
    assert.deepEqual(
      frame.paths.map(({ name }: { name: string }) => name),
      [missing],
    );
    const status = JSON.parse((await instance.run("sct", "status", "--json")).stdout);
    assert.equal(status.generation, 1);

    const pairs = [
      // events of the first moment may come after its counts
      [missing.slice(0, 20), "s"],
      ["by total", " "],
      ["PAUSED", "q"],
    ];
    const screen = await instance.shell(
      `TERM=xterm exec python3 ${TERMINAL} '${JSON.stringify(pairs)}' ${SCT} top --interval 200ms`,
    );
    assert.equal(screen.code, 0, screen.stderr);
    assert.match(screen.stdout, /names/);
    assert.ok(
      screen.stdout.includes(missing.slice(0, 20)),
      JSON.stringify(screen.stdout.slice(-2000)),
    );
  } finally {
    load.kill("SIGTERM");
    await ended;
  }
});
