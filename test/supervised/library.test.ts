/** `run` of the library, in a process that does other things as well. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { parseRules, RulesError, run, type SctEvent } from "../../src/index.ts";
import { logRule, mechanisms } from "./mechanisms.ts";
import { testAsEach } from "./sct.ts";

const INDEX = join(import.meta.dirname, "../../src/index.ts");
const LOG_RMDIR = logRule("notification", "rmdir", "%params");
const NONE = "/no/such/directory";

for (const by of mechanisms) {
  test(`run() gives events in order and the result, by ${by}`, async () => {
    const script =
      "for i in 1 2 3; do rmdir /no/such/$i 2>/dev/null; done; echo out; echo err >&2; exit 7";
    const events: SctEvent[] = [];
    const running = run(parseRules(logRule(by, "rmdir", "%params")), ["sh", "-c", script], {
      stdio: "pipe",
    });
    for await (const event of running) events.push(event);
    assert.deepEqual(
      events.map(({ message, seq }) => [seq, message]),
      [1, 2, 3].map((i) => [i, `"/no/such/${i}"`]),
    );
    const { counters, ...result } = await running;
    assert.deepEqual(result, {
      exitCode: 7,
      signal: null,
      policies: [],
      stdout: "out\n",
      stderr: "err\n",
    });
    assert.equal(counters.rules[0]?.matched, 3);
  });

  test(`run() leaves children and timers of this process alone, by ${by}`, async () => {
    let turns = 0;
    const timer = setInterval(() => turns++, 5);
    const rule = logRule(by, "rmdir");
    const [result, other, ...more] = await Promise.all([
      run(rule, ["sh", "-c", `rmdir ${NONE}; sleep 0.3; exit 3`], { stdio: "ignore" }).finished,
      once((await import("node:child_process")).spawn("sh", ["-c", "sleep 0.1; exit 5"]), "exit"),
      run(rule, ["true"], { stdio: "ignore" }).finished,
      run(rule, ["false"], { stdio: "ignore" }).finished,
    ]);
    clearInterval(timer);
    assert.deepEqual([result.exitCode, other[0], ...more.map((one) => one.exitCode)], [3, 5, 0, 1]);
    assert.ok(turns > 3, String(turns));
  });
}

test("run() takes input, directory and environment, and FAILs calls", async () => {
  const directory = mkdtempSync(join(tmpdir(), "sct-library-"));
  try {
    writeFileSync(join(directory, "kept"), "");
    const { stdout, stderr, exitCode } = await run(
      'rule { syscall_name = unlink filter_expression { PATH endswith "/kept" } action { type = FAIL error_code = EPERM } }',
      ["sh", "-c", 'cat; echo "$A"; pwd; rm -f kept'],
      { stdio: "pipe", input: "in\n", cwd: directory, env: { PATH: process.env["PATH"], A: "ä" } },
    );
    assert.equal(stdout, `in\nä\n${directory}\n`);
    assert.match(stderr, /Operation not permitted/);
    assert.equal(exitCode, 1);
    assert.ok(existsSync(join(directory, "kept")));
  } finally {
    rmSync(directory, { recursive: true });
  }
});

test("run() counts what the filter decides by itself", async () => {
  const rule = "rule { syscall_name = rmdir action { type = FAIL error_code = EACCES } }";
  const { counters } = await run(rule, ["sh", "-c", "rmdir a; rmdir b"], { stdio: "ignore" });
  assert.equal(counters.rules[0]?.matched, 2);
});

test("run() ends with what the command has left behind when it is killed then", async () => {
  const script = `sleep 60 & rmdir ${NONE}; exit 3`;
  const running = run(LOG_RMDIR, ["sh", "-c", script], {
    stdio: "ignore",
    // it ends soon after that
    onEvent: () => void setTimeout(() => running.kill(), 2000),
  });
  const { exitCode } = await running;
  assert.equal(exitCode, 3);
});

test("run() ends a command by kill and by AbortSignal, and says which signal it was", async () => {
  const killed = run(LOG_RMDIR, ["sleep", "60"]);
  killed.kill("SIGINT");
  assert.equal((await killed).signal, "SIGINT");
  const abort = new AbortController();
  const running = run(LOG_RMDIR, ["sh", "-c", `rmdir ${NONE} 2>/dev/null; exec sleep 60`], {
    signal: abort.signal,
    onEvent: () => abort.abort(),
  });
  const { exitCode, signal } = await running;
  assert.deepEqual([exitCode, signal], [null, "SIGTERM"]);
});

test("run() rejects what cannot be run, and throws for rules that are wrong", async () => {
  await assert.rejects(run(LOG_RMDIR, ["no-such-command"]).finished, { code: "ENOENT" });
  await assert.rejects(run(LOG_RMDIR, ["/etc"]).finished, { code: "EACCES" });
  await assert.rejects(run(LOG_RMDIR, ["true"], { cwd: NONE }).finished, { code: "ENOENT" });
  const wrong = "rule { syscall_name = unlnk action { type = LOG } }";
  assert.throws(
    () => run(wrong, ["true"]),
    (error: unknown) => {
      assert.ok(error instanceof RulesError);
      assert.equal(error.problems[0]?.code, "unknown_call");
      assert.equal(error.problems[0]?.start.line, 1);
      assert.match(error.message, /did you mean `unlink`/);
      return true;
    },
  );
});

test("run() makes the command wait for a reader that is slow, and loses nothing", async () => {
  const script = "import os\nfor i in range(30000):\n  os.access('/no/such', 0)";
  const rule =
    'rule { syscall_name = access filter_expression { PARAMS[1] == "/no/such" } action { type = LOG } }';
  const running = run(rule, ["/usr/bin/python3", "-c", script]);
  let count = 0;
  let last = 0;
  for await (const { seq } of running) {
    if (count++ % 5000 === 0) await new Promise((resolve) => setTimeout(resolve, 50));
    assert.equal(seq, ++last);
  }
  assert.equal(count, 30_000);
  assert.equal((await running).counters.rules[0]?.delivered, 30_000);
});

test("an error in onEvent ends the command and rejects", async () => {
  const running = run(LOG_RMDIR, ["sh", "-c", `rmdir ${NONE} 2>/dev/null; sleep 60`], {
    onEvent: () => {
      throw new Error("mine");
    },
  });
  await assert.rejects(running.finished, { message: "mine" });
});

testAsEach("a program that uses run() may be anybody's, and its end is the command's", (place) => {
  const program = join(place.directory, "program.mjs");
  writeFileSync(
    program,
    `import { run } from ${JSON.stringify(INDEX)};
const rule = ${JSON.stringify(logRule("ptrace", "rmdir", "%params by %euid = %retval"))};
await run(rule, ["sh", "-c", "rmdir /no/such"], { stdio: "ignore", onEvent: (event) => console.log(event.message) });
run(rule, ["sh", "-c", "echo $$; exec sleep 60"]);
setTimeout(() => process.kill(process.pid, "SIGKILL"), 1000);`,
  );
  const { stdout, signal } = place.plain([process.execPath, program]);
  const [message, pid = ""] = stdout.split("\n");
  assert.equal(message, `"/no/such" by ${place.user.uid} = -2`);
  assert.equal(signal, "SIGKILL");
  const { stdout: state } = spawnSync("sh", [
    "-c",
    `for i in $(seq 100); do [ -d /proc/${pid} ] || break; sleep 0.1; done; cat /proc/${pid}/comm 2>/dev/null`,
  ]);
  assert.equal(state.toString(), "", "the command died with it");
});
