/** The same calls, seen by us and by strace in the same run: as many on both sides, for each call and each text. */
import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { assertNoObjects } from "./bpf-objects.ts";
import { needsKernel } from "./needs.ts";
import { run, type SeenEvent, USER, watch, workplace } from "./watching.ts";

after(assertNoObjects);

/** One rule for each shape of line; every call that the names cover is in strace's list below. */
const RULES = [
  ["open, stat, lstat, execve, unlink, rmdir", "%sname %param1"],
  ["rename", "%sname %params"],
  ["connect", "%sname"],
]
  .map(
    ([names, format]) =>
      `rule { syscall_name = ${names} filter_expression { UID == ${USER} } action { type = LOG log_format {${format}} } }`,
  )
  .join("\n");

const CALLS = [
  ["open", "openat", "openat2", "creat", "stat", "lstat", "newfstatat", "statx", "execve"],
  ["execveat", "unlink", "unlinkat", "rmdir", "rename", "renameat", "renameat2", "connect"],
].flat();

/** How many of the texts in strace's line belong to ours. */
const TEXTS: Readonly<Record<string, number>> = {
  connect: 0,
  rename: 2,
  renameat: 2,
  renameat2: 2,
};

class Tally {
  readonly counts = new Map<string, number>();

  add(key: string, by = 1): void {
    this.counts.set(key, (this.counts.get(key) ?? 0) + by);
  }

  get total(): number {
    return [...this.counts.values()].reduce((sum, count) => sum + count, 0);
  }
}

interface Trace {
  readonly tally: Tally;
  /** Calls at whose entry the thread was killed: the kernel may have left them out. */
  readonly unfinished: Tally;
  readonly tids: ReadonlySet<number>;
}

function readTrace(text: string): Trace {
  const tally = new Tally();
  const tids = new Set<number>();
  const open = new Map<number, string>();
  for (const line of text.split("\n")) {
    const [, thread = "", rest = ""] = /^(\d+) +(.*)$/.exec(line) ?? [];
    const tid = Number(thread);
    if (tid > 0) tids.add(tid);
    if (rest.startsWith("<... ")) open.delete(tid);
    const [, call = "", args = ""] = /^(\w+)\((.*)$/.exec(rest) ?? [];
    if (!CALLS.includes(call)) continue;
    const key = keyOf(call, args);
    tally.add(key);
    if (rest.includes("<unfinished ...>")) open.set(tid, key);
  }
  const unfinished = new Tally();
  for (const key of open.values()) unfinished.add(key);
  return { tally, unfinished, tids };
}

function keyOf(call: string, args: string): string {
  const wanted = TEXTS[call] ?? 1;
  if (wanted === 0) return call;
  const texts = args.match(/"(?:[^"\\]|\\.)*"(?:\.\.\.)?|\bNULL\b/g) ?? [];
  return `${call} ${texts.slice(0, wanted).join(", ")}`;
}

function ours(events: readonly SeenEvent[], tids: ReadonlySet<number>): Tally {
  const tally = new Tally();
  for (const { tid, line } of events) if (tids.has(tid)) tally.add(line);
  return tally;
}

/** What is on one side only; calls that strace saw unfinished may be missing on ours. */
function differences(own: Tally, { tally, unfinished }: Trace): string[] {
  const keys = new Set([...own.counts.keys(), ...tally.counts.keys()]);
  return [...keys].flatMap((key) => {
    const [mine, theirs] = [own.counts.get(key) ?? 0, tally.counts.get(key) ?? 0];
    const least = theirs - (unfinished.counts.get(key) ?? 0);
    return mine <= theirs && mine >= least ? [] : [`${key}: ${mine} here, ${theirs} by strace`];
  });
}

const C = `#include <stdio.h>
#include <string.h>
int main(int argc, char **argv) { return argc > 1 && puts(argv[1]) < 0; }
`;

interface Work {
  readonly command: readonly string[];
  readonly prepare?: (directory: string) => Promise<unknown>;
  /** Fewer calls than this would prove nothing. */
  readonly atLeast: number;
}

const WORKS: Readonly<Record<string, Work>> = {
  find: { command: ["/usr/bin/find", "/usr/share/doc"], atLeast: 500 },
  "git status": {
    command: ["/usr/bin/git", "status"],
    prepare: async (directory) => {
      await run(["/usr/bin/git", "init", "-q", "."]);
      writeFileSync(join(directory, "a.c"), C);
    },
    atLeast: 50,
  },
  "a compilation": {
    command: ["/usr/bin/gcc", "-O1", "-o", "a.out", "a.c"],
    prepare: async (directory) => writeFileSync(join(directory, "a.c"), C),
    atLeast: 300,
  },
  "python's import": {
    command: [
      "/usr/bin/python3",
      "-c",
      "import json, socket; socket.socket().connect_ex(('127.0.0.1', 1))",
    ],
    atLeast: 100,
  },
  "npm ls": {
    command: ["/usr/bin/npm", "ls"],
    prepare: async (directory) => writeFileSync(join(directory, "package.json"), '{"name":"x"}'),
    atLeast: 500,
  },
  "a shell that moves files": {
    command: [
      "/bin/sh",
      "-c",
      "for i in 1 2 3 4 5; do : > f$i; mv f$i g$i; done; mkdir d; rm g*; rmdir d; cat /nonexistent 2>/dev/null; /bin/true",
    ],
    atLeast: 50,
  },
};

for (const [name, { command, prepare, atLeast }] of Object.entries(WORKS)) {
  test(`counts equal strace's: ${name}`, async (t) => {
    if (!needsKernel(t)) return;
    for (const program of ["/usr/bin/strace", command[0] as string])
      if (!existsSync(program)) return t.skip(`needs ${program}`);
    const { directory } = workplace();
    await prepare?.(directory);
    const file = join(directory, "strace.out");
    const options = ["-f", "-qq", "-s", "65535", "-e", "signal=none", "-o", file];
    const strace = ["/usr/bin/strace", ...options, "-e", `trace=${CALLS.join(",")}`];
    const { events, counters } = await watch(RULES, () =>
      run([...strace, ...command], { env: { npm_config_update_notifier: "false" } }),
    );
    const trace = readTrace(readFileSync(file, "utf8"));
    const own = ours(events, trace.tids);
    t.diagnostic(`${own.total} calls of ${trace.tids.size} threads, ${own.counts.size} different`);
    assert.deepEqual(differences(own, trace), []);
    assert.ok(own.total >= atLeast, `only ${own.total} calls`);
    for (const rule of counters.rules) {
      const { matched, delivered, dropped, missed } = rule;
      assert.deepEqual([delivered, dropped, missed], [matched, 0, 0]);
    }
  });
}

test("strings that strace brought into memory are the same without it", async (t) => {
  if (!needsKernel(t)) return;
  if (!existsSync("/usr/bin/strace")) return t.skip("needs strace");
  // strace reads a string through ptrace, which faults it in; alone, the program's first use of a literal is late
  const command = ["/usr/bin/find", "/usr/share/doc/bash", "/etc/skel"];
  const file = join(workplace().directory, "strace.out");
  const trace = ["-e", `trace=${CALLS.join(",")}`];
  await run(["/usr/bin/strace", "-f", "-qq", "-s", "65535", "-o", file, ...trace, ...command]);
  const alone = await watch(RULES, () => run(command));
  const theirs = readTrace(readFileSync(file, "utf8"));
  const own = ours(alone.events, new Set(alone.events.map(({ tid }) => tid)));
  assert.deepEqual(differences(own, theirs), []);
  t.diagnostic(`${alone.events.filter(({ flags }) => flags.includes("late")).length} were late`);
});
