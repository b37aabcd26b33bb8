/** `sct watch` as a program: start, lines, signals, slow and vanished readers, exact losses. Needs root. */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { run, USER, workplace } from "../../kernel/watching.ts";

const sct = fileURLToPath(new URL("../../../bin/sct", import.meta.url));
const GETPPID = "110";

const rule = `rule { rule_name = mine syscall_name = getppid filter_expression { UID == ${USER} }
  action { type = LOG log_format {%ruleid %uid} } }`;

interface Watch {
  readonly child: ChildProcess;
  readonly stderr: () => string;
  readonly stdout: () => string;
  /** Waits until standard error has the text. */
  reported(text: string): Promise<void>;
  /** Waits for the end and gives the exit code. */
  done(): Promise<number | null>;
}

/** Starts a watch and waits until it is ready. */
async function watch(args: readonly string[], isRead = true): Promise<Watch> {
  const child = spawn(sct, ["watch", ...args], { stdio: ["ignore", "pipe", "pipe"] });
  let out = "";
  let err = "";
  if (isRead) child.stdout.setEncoding("utf8").on("data", (text) => (out += text));
  const closed = once(child, "exit");
  child.stderr.setEncoding("utf8").on("data", (text) => (err += text));
  const reported = async (text: string): Promise<void> => {
    while (!err.includes(text) && child.exitCode === null) {
      await Promise.race([once(child.stderr, "data"), closed]);
    }
  };
  await reported("sct: watching");
  return {
    child,
    reported,
    stdout: () => out,
    stderr: () => err,
    done: async () => (await closed)[0],
  };
}

const call = (count: number) => run([workplace().calls64, "loop", String(count), GETPPID]);

test("sct watch prints a line at once and ends on Ctrl-C", async () => {
  const watching = await watch(["-e", rule]);
  const printed = once(watching.child.stdout as NodeJS.ReadableStream, "data");
  await call(1);
  await printed;
  watching.child.kill("SIGINT");
  assert.equal(await watching.done(), 0);
  assert.equal(watching.stdout(), `mine ${USER}\n`);
  assert.equal(watching.stderr(), "sct: watching 1 rule\n");
});

test("sct watch prints events of rules without LOG with --json only, and says so", async () => {
  const kills = `rule { rule_name = stop syscall_name = unlink
    filter_expression { UID == ${USER} && PARAMS[1] == "/n/kill" } action { type = KILL } }`;
  for (const isJson of [false, true]) {
    const watching = await watch([...(isJson ? ["--json"] : []), "-e", kills + rule]);
    const printed = once(watching.child.stdout as NodeJS.ReadableStream, "data");
    await run([workplace().calls64, "native", "87", "@/n/kill"]);
    await call(1);
    await printed;
    watching.child.kill("SIGINT");
    assert.equal(await watching.done(), 0);
    const reported = watching
      .stderr()
      .split("\n")
      .filter((line) => line.startsWith("sct: stop"));
    if (!isJson) {
      assert.equal(watching.stdout(), `mine ${USER}\n`);
      assert.deepEqual(reported, [
        "sct: stop: 1 matched; 1 without a line: no LOG action, --json shows them",
      ]);
      continue;
    }
    const events = watching
      .stdout()
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    assert.deepEqual(
      events.map(({ rule, actions, message, seq }) => [rule, actions, message, seq]),
      [
        ["stop", ["KILL"], null, 1],
        ["mine", ["LOG"], `mine ${USER}`, 2],
      ],
    );
    assert.deepEqual(reported, []);
  }
});

test("sct watch --for ends by itself and delivers what is in the buffer", async () => {
  const watching = await watch(["-e", rule, "--for", "2s"]);
  await call(10_000);
  assert.equal(await watching.done(), 0);
  assert.equal(watching.stdout(), `mine ${USER}\n`.repeat(10_000));
});

test("sct watch ends quietly when its reader goes away", async () => {
  const watching = await watch(["-e", rule]);
  watching.child.stdout?.destroy();
  await call(10);
  assert.equal(await watching.done(), 0);
  assert.equal(watching.stderr(), "sct: watching 1 rule\n");
});

test("sct watch loses nothing while its reader is slow", async () => {
  const count = 300_000;
  const watching = await watch(["-e", rule], false);
  await call(count);
  watching.child.kill("SIGTERM");
  let length = 0;
  watching.child.stdout?.on("data", (chunk: Buffer) => {
    length += chunk.length;
  });
  assert.equal(await watching.done(), 0);
  assert.equal(length, count * `mine ${USER}\n`.length);
  assert.equal(watching.stderr(), "sct: watching 1 rule\n");
});

test("sct watch gives up a reader that never reads at the second signal", async () => {
  const watching = await watch(["-e", rule], false);
  await call(100_000);
  watching.child.kill("SIGINT");
  await watching.reported("waiting for the reader");
  watching.child.kill("SIGINT");
  assert.equal(await watching.done(), 0);
});

test("sct watch reports exactly what a small buffer lost", async () => {
  const count = 200_000;
  for (const [args, isJson] of [
    [["--buffer", "4K"], false],
    [["--buffer", "4K", "--json"], true],
  ] as const) {
    const watching = await watch(["-e", rule, ...args]);
    await call(count);
    watching.child.kill("SIGINT");
    assert.equal(await watching.done(), 0);
    const lines = watching.stdout().trimEnd().split("\n");
    const [, lost = "0"] =
      /^sct: mine: 200000 matched; (\d+) lost, buffer full$/m.exec(watching.stderr()) ?? [];
    if (isJson) {
      const objects = lines.map((line) => JSON.parse(line));
      const events = objects.filter((object) => object.loss === undefined);
      const losses = objects.filter((object) => object.loss !== undefined);
      const total = losses.reduce((sum, { loss }) => sum + loss.rules.mine, 0);
      assert.equal(events.length + total, count);
      assert.equal(new Set(events.map(({ seq }) => seq)).size, events.length);
      assert.equal(total, Number(lost));
    } else assert.equal(lines.length + Number(lost), count);
    assert.ok(Number(lost) > 0);
  }
});
