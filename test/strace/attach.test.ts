/** Attaching to a process that runs, and leaving it as it was. */
import assert from "node:assert/strict";
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { test } from "node:test";

const sctrace = join(import.meta.dirname, "../../bin/sctrace");
/** docs/trace.md has what 1,000 were. */
const CYCLES = Number(process.env["SCT_ATTACH_CYCLES"] ?? 15);

/** Reads what a program writes until a pattern is there. */
async function until(stream: Readable, pattern: RegExp): Promise<string> {
  let text = "";
  for await (const chunk of stream.iterator({ destroyOnReturn: false })) {
    text += String(chunk);
    if (pattern.test(text)) return text;
  }
  assert.fail(`it has ended without ${pattern}: ${text}`);
}

function attachTo({ pid }: ChildProcess, options: readonly string[]) {
  return spawn(sctrace, [...options, "-p", String(pid)], { stdio: ["ignore", "ignore", "pipe"] });
}

test("sctrace -p shows a process that runs, and Ctrl-C leaves it running", async (t) => {
  const echo = spawn("cat", { stdio: ["pipe", "pipe", "ignore"] });
  t.after(() => echo.kill("SIGKILL"));
  for (const word of ["one", "two", "three"]) {
    const tracer = attachTo(echo, []);
    t.after(() => tracer.kill("SIGKILL"));
    const ended = once(tracer, "exit");
    await until(tracer.stderr, new RegExp(`^strace: Process ${echo.pid} attached$`, "m"));
    echo.stdin.write(`${word}\n`);
    assert.equal(await until(echo.stdout, /\n/), `${word}\n`);
    await until(tracer.stderr, /^write\(1, /m);
    tracer.kill("SIGINT");
    // as strace has it: in the line of the call that is left, where that has begun
    await until(tracer.stderr, new RegExp(`strace: Process ${echo.pid} detached$`, "m"));
    assert.deepEqual(await ended, [null, "SIGINT"]);
  }
  echo.stdin.end("last\n");
  assert.equal(await until(echo.stdout, /\n/), "last\n");
  assert.deepEqual(await once(echo, "exit"), [0, null]);
});

/**
 * Threads that sleep, hand bytes over pipes, and wait for each other; the first one queues signals to itself and counts them.
 * On SIGTERM it prints what went wrong, such as a call that ended with EINTR.
 */
const BUSY = `
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>
static atomic_int stop, errors;
static atomic_long rounds;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static long shared;
static void check(int good) { if (!good) errors++; }
static void *work(void *arg) {
  int ends[2];
  unsigned char sent = 0;
  check(pipe(ends) == 0);
  while (!stop) {
    unsigned char got = 0;
    struct timespec pause = { 0, 200000 };
    sent++;
    check(write(ends[1], &sent, 1) == 1);
    check(read(ends[0], &got, 1) == 1 && got == sent);
    check(nanosleep(&pause, NULL) == 0);
    pthread_mutex_lock(&mutex);
    shared++;
    pthread_mutex_unlock(&mutex);
    rounds++;
  }
  return arg;
}
int main(void) {
  pthread_t threads[4];
  sigset_t all, wanted;
  siginfo_t info;
  int next = 0;
  sigfillset(&all);
  sigprocmask(SIG_BLOCK, &all, NULL);
  for (int i = 0; i < 4; i++) pthread_create(&threads[i], NULL, work, NULL);
  sigemptyset(&wanted);
  sigaddset(&wanted, SIGRTMIN);
  sigaddset(&wanted, SIGTERM);
  puts("ready");
  fflush(stdout);
  for (;;) {
    check(sigqueue(getpid(), SIGRTMIN, (union sigval){ .sival_int = next }) == 0);
    int signal = sigwaitinfo(&wanted, &info);
    if (signal == SIGTERM) break;
    check(signal == SIGRTMIN && info.si_value.sival_int == next);
    next++;
    usleep(500);
  }
  stop = 1;
  for (int i = 0; i < 4; i++) pthread_join(threads[i], NULL);
  check(shared == rounds);
  printf("%d errors\\n", (int)errors);
  return errors > 0;
}
`;

test(`a busy program with threads does not notice that it was traced ${CYCLES} times`, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "sct-attach-"));
  t.after(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, "busy.c"), BUSY);
  execFileSync("gcc", ["-O1", "-pthread", "-o", "busy", "busy.c"], { cwd: folder });
  const busy = spawn(join(folder, "busy"), { stdio: ["ignore", "pipe", "inherit"] });
  t.after(() => busy.kill("SIGKILL"));
  await until(busy.stdout, /ready/);
  for (let i = 0; i < CYCLES; i++) {
    const tracer = attachTo(busy, ["-f", "-o", "/dev/null"]);
    const ended = once(tracer, "exit");
    await until(
      tracer.stderr,
      new RegExp(`^strace: Process ${busy.pid} attached with 5 threads$`, "m"),
    );
    tracer.kill(i % 2 === 0 ? "SIGINT" : "SIGTERM");
    tracer.stderr.resume();
    assert.deepEqual(await ended, [null, i % 2 === 0 ? "SIGINT" : "SIGTERM"]);
    assert.equal(busy.exitCode, null);
  }
  busy.kill("SIGTERM");
  assert.match(await until(busy.stdout, / errors\n/), /^0 errors\n$/);
  assert.deepEqual(await once(busy, "exit"), [0, null]);
});

/** Prints, at its end, what getppid() gave beside the two answers that it may give. */
const ASKING = `
import os, signal
asked, wrong = True, set()
def end(*_):
  global asked
  asked = False
signal.signal(signal.SIGTERM, end)
parent = os.getppid()
print("ready", flush=True)
while asked:
  answer = os.getppid()
  if answer not in (parent, 7): wrong.add(answer)
print(sorted(wrong), flush=True)
`;

for (const [name, injection] of Object.entries({
  "an injected result is given": "getppid:retval=7",
  "a delayed call is let go at once, with the result that it is to have":
    "getppid:retval=7:delay_enter=100000000",
  "a call that returns late is let go at once": "getppid:retval=7:delay_exit=100000000",
}))
  test(`${name}, also where the trace ends`, async (t) => {
    const asking = spawn("python3", ["-c", ASKING], { stdio: ["ignore", "pipe", "inherit"] });
    t.after(() => asking.kill("SIGKILL"));
    await until(asking.stdout, /ready\n/);
    for (let i = 0; i < 5; i++) {
      const tracer = attachTo(asking, ["-e", `inject=${injection}`]);
      t.after(() => tracer.kill("SIGKILL"));
      const ended = once(tracer, "exit");
      await until(tracer.stderr, /^getppid\(/m);
      tracer.stderr.resume();
      tracer.kill("SIGINT");
      assert.deepEqual(await ended, [null, "SIGINT"]);
    }
    asking.kill("SIGTERM");
    assert.equal(await until(asking.stdout, /\]\n/), "[]\n");
  });
