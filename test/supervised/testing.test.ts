/** `syscalltrack/testing`: assertions about commands and about functions of this process. */
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { Worker } from "node:worker_threads";
import { parseRules } from "../../src/index.ts";
import { assertNoSyscalls, assertSyscalls, recordSyscalls } from "../../src/testing/index.ts";
import { build } from "./programs.ts";
import { testAsEach } from "./sct.ts";

const HOSTNAME = { filter: 'PARAMS[1] == "/etc/hostname"' };
const TESTING = join(import.meta.dirname, "../../src/testing/index.ts");

test("assertNoSyscalls() of a command passes, or names the calls", async () => {
  const { exitCode, stdout } = await assertNoSyscalls("@network", ["echo", "hello"]);
  assert.deepEqual([exitCode, stdout], [0, "hello\n"]);
  const script = "import socket; socket.socket(socket.AF_INET, socket.SOCK_DGRAM)";
  await assert.rejects(assertNoSyscalls("socket", ["/usr/bin/python3", "-c", script]), {
    name: "AssertionError",
    message:
      /^Expected no system calls of socket, got 1\n {2}"python3"\[\d+\] socket\(AF_INET, SOCK_DGRAM\|SOCK_CLOEXEC, IPPROTO_IP\)$/,
    actual: 1,
  });
});

test("assertNoSyscalls() of a function passes its value on, and its error", async () => {
  assert.equal(await assertNoSyscalls("@network", () => 42), 42);
  assert.equal(await assertNoSyscalls("@network", async () => "later"), "later");
  await assert.rejects(
    assertNoSyscalls("@network", () => {
      throw new Error("mine");
    }),
    { message: "mine" },
  );
});

test("assertNoSyscalls() sees what a function does on every thread and in children", async () => {
  const fails = (pattern: RegExp, body: () => unknown, selector = "open") =>
    assert.rejects(assertNoSyscalls(selector, body, selector === "open" ? HOSTNAME : {}), {
      name: "AssertionError",
      message: pattern,
    });
  await fails(/ openat\("\/etc\/hostname", O_RDONLY/, () => readFileSync("/etc/hostname"));
  await fails(/"libuv-worker"\[\d+\] openat\(/, () => readFile("/etc/hostname"));
  await fails(/"cat"\[\d+\] openat\(/, () => execFileSync("cat", ["/etc/hostname"]));
  await fails(
    / connect\(/,
    async () => {
      await new Promise((resolve) => connect(9, "127.0.0.1").on("error", resolve));
    },
    "connect",
  );
  await fails(/ openat\(/, async () => {
    const code = 'require("node:fs").readFileSync("/etc/hostname")';
    await new Promise((resolve) => new Worker(code, { eval: true }).on("exit", resolve));
  });
});

test("recording begins and ends exactly with the function", async () => {
  const read = () => readFileSync("/etc/hostname");
  for (let i = 1; i <= 5; i++) {
    read();
    const recording = recordSyscalls(
      "open",
      async () => {
        for (let k = 0; k < i; k++) read();
        await readFile("/etc/hostname");
      },
      HOSTNAME,
    );
    const { count, events } = await recording;
    read();
    assert.equal(count, i + 1);
    assert.equal(events.length, i + 1);
  }
});

test("the process is as it was afterwards, and so is what it started", async () => {
  const marker = join(mkdtempSync(join(tmpdir(), "sct-testing-")), "marker");
  const { result: child } = await recordSyscalls("open", () =>
    spawn("sh", ["-c", `sleep 0.5; echo > ${marker}`]),
  );
  const tracer = (pid: number | string) =>
    /TracerPid:\s*(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  assert.equal(tracer("self"), "0");
  assert.equal(tracer(child.pid ?? 0), "0");
  assert.equal(await new Promise((resolve) => child.on("exit", resolve)), 0);
  assert.ok(existsSync(marker));
});

test("one function at a time", async () => {
  const nested = assertNoSyscalls("@network", () => assertNoSyscalls("@network", () => 1));
  await assert.rejects(nested, /two functions of a process at once/);
  assert.equal(await assertNoSyscalls("@network", () => 2), 2);
});

test("assertSyscalls() counts", async () => {
  const script = ["sh", "-c", "for i in 1 2 3; do rmdir /no/such 2>/dev/null; done"];
  await assertSyscalls("rmdir", 3, script);
  await assertSyscalls("rmdir", { atLeast: 1, atMost: 3 }, script);
  await assert.rejects(
    assertSyscalls("rmdir", 2, script),
    /Expected 2 system calls of rmdir, got 3\n/,
  );
  await assert.rejects(
    assertSyscalls("rmdir", { atLeast: 4 }, script),
    /Expected at least 4 system/,
  );
});

test("results, own rules, and mistakes in a selector", async () => {
  const { events } = await recordSyscalls(
    "open",
    () => existsSync("/") && readFileSync("/etc/hostname"),
    {
      when: "after",
      filter: 'PARAMS[1] == "/etc/hostname"',
    },
  );
  assert.match(events[0]?.message ?? "", /openat\("\/etc\/hostname", .*\) = \d+ \(none\)$/);
  const rules = parseRules(
    'rule { syscall_name = open filter_expression { PATH == "/etc/hostname" } action { type = LOG } }',
  );
  await assert.rejects(
    assertNoSyscalls(rules, ["cat", "/etc/hostname"]),
    /calls that the rules name, got 1/,
  );
  await assert.rejects(
    assertNoSyscalls("opn", () => 1),
    /did you mean `open`/,
  );
});

test("calls of a function's children that signals interrupt have one event each, with the result", async (t) => {
  const program = build(t, "interrupted");
  if (program === undefined) return;
  const rule = { when: "after", filter: "PARAMS[3] == 1 && RETVAL != 0" } as const;
  const results = { eintr: "-4 EINTR", jump: "-4 EINTR", restart: "1" };
  for (const [mode, result] of Object.entries(results)) {
    const body = () => execFileSync(program, [mode, "7"]).length;
    const { events } = await recordSyscalls("read", body, rule);
    const messages: string[] = events.map(({ message }) => message ?? "");
    const ends = messages.filter((one) => one.startsWith('"interrupted"'));
    assert.equal(ends.length, 7, ends.join("\n"));
    for (const end of ends) assert.ok(end.includes(`, 1) = ${result}`), end);
  }
});

testAsEach("functions and commands are recorded for anybody", (place) => {
  const file = join(place.directory, "some.test.mjs");
  writeFileSync(
    file,
    `import { test } from "node:test";
import { readFileSync } from "node:fs";
import { assertNoSyscalls } from ${JSON.stringify(TESTING)};
test("good", () => assertNoSyscalls("@network", () => readFileSync("/etc/hostname")));
test("good command", () => assertNoSyscalls("@network", ["cat", "/etc/hostname"]));
test("bad", () => assertNoSyscalls("open", () => readFileSync("/etc/hostname")));`,
  );
  const { stdout, status } = place.plain([process.execPath, "--test", file]);
  assert.equal(status, 1);
  assert.match(stdout, /pass 2\n/);
  assert.match(stdout, /fail 1\n/);
  assert.match(stdout, /openat\("\/etc\/hostname"/);
});
