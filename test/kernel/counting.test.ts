/** What the kernel counts is what programs do: as often as strace says, with nothing left out. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { formatPart } from "../../src/events/index.ts";
import type { CountTable, KeyPart } from "../../src/language/index.ts";
import { assertNoObjects } from "./bpf-objects.ts";
import { open, pump, run, USER, workplace } from "./watching.ts";

after(assertNoObjects);

const PYTHON = "/usr/bin/python3";
const NO_EVENTS = {
  record: (): void => assert.fail("a rule that counts makes no events"),
};

/** Tables of the rules that watch what `commands` do, all at the same time. */
async function counted(
  rules: string,
  commands: readonly (readonly string[])[],
): Promise<readonly CountTable[]> {
  workplace();
  const engine = open(rules);
  await pump(engine, NO_EVENTS, () => Promise.all(commands.map((command) => run(command))));
  const matched = engine.counters().rules.map((rule) => rule.matched);
  const tables = await engine.counts();
  const totals = tables.map(({ rows, other }) =>
    [...rows, ...(other ? [other] : [])].reduce((sum, { count }) => sum + Number(count), 0),
  );
  assert.deepEqual(matched, totals);
  return tables;
}

function rule(calls: string, count: string, filter: string, more = ""): string {
  return `rule {
    syscall_name = ${calls} ${more} filter_expression { UID == ${USER} && ${filter} }
    action { type = COUNT ${count} }
  }`;
}

const textOf = (part: KeyPart | undefined): string =>
  part?.is === "text" ? Buffer.from(part.bytes).toString("latin1") : JSON.stringify(part?.is);

/** Calls by their names, of `strace -c`. */
function readSummary(file: string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const line of readFileSync(file, "latin1").split("\n")) {
    const [, calls, name = ""] = /^ *[\d.]+ +[\d.]+ +\d+ +(\d+) +(?:\d+ +)?(\w+)$/.exec(line) ?? [];
    if (calls !== undefined && name !== "total") counts.set(name, Number(calls));
  }
  return counts;
}

for (const [name, command] of [
  ["find", ["/usr/bin/find", "/usr/lib/python3", "-name", "*.py", "-size", "+4k"]],
  ["ls", ["/bin/ls", "-lR", "/usr/include"]],
  ["sort", ["/usr/bin/sort", "/usr/share/common-licenses/GPL-3"]],
] as const) {
  test(`${name} makes the calls that strace -c counts`, async () => {
    const file = join(workplace().directory, `strace-${name}`);
    const rules = rule("@all", "by SNAME", `COMM == "${name}"`, "when = after");
    const [table] = await counted(rules, [["/usr/bin/strace", "-f", "-c", "-o", file, ...command]]);
    const own = new Map(table?.rows.map(({ key, count }) => [textOf(key[0]), Number(count)]));
    const expected = readSummary(file);
    // by which it gets its name
    assert.ok(expected.delete("execve"));
    assert.ok(expected.size > 10, "strace has counted");
    assert.deepEqual([...own].sort(), [...expected].sort());
  });
}

/** Nothing else in Python calls umask. */
const umasks = (count: number): string => `
import os
for i in range(${count}): os.umask(i)
`;

test("processes on all processors are counted without a loss", async () => {
  const filter = `COMM == "python3"`;
  const [by, all] = await counted(
    [
      rule("umask", "by COMM sum PARAMS[1]", filter, "continue = yes"),
      rule("umask", "hist PARAMS[1]", filter),
    ].join("\n"),
    Array.from({ length: 4 }, () => [PYTHON, "-c", umasks(20_000)]),
  );
  assert.deepEqual(
    by?.rows.map(({ key, count, measured }) => [textOf(key[0]), count, measured[0]?.sum]),
    [["python3", 80_000n, 4n * 199_990_000n]],
  );
  const [row] = all?.rows ?? [];
  assert.equal(row?.count, 80_000n);
  // 0, 1, 2 to 4, 4 to 8, …
  const expected = Array.from({ length: 66 }, (_, bucket) => {
    if (bucket === 0) return 0n;
    const from = bucket === 1 ? 0 : 2 ** (bucket - 2);
    const to = Math.min(bucket === 1 ? 1 : 2 ** (bucket - 1), 20_000);
    return BigInt(4 * Math.max(0, to - from));
  });
  assert.deepEqual(row?.measured[0]?.buckets, expected);
});

test("keys for which there is no room are counted together", async () => {
  const [table] = await counted(rule("umask", "by PARAMS[1] sum PARAMS[1]", `COMM == "python3"`), [
    [PYTHON, "-c", umasks(9000)],
  ]);
  const { rows = [], other } = table ?? {};
  // a processor may hold a free element that another one looks for in vain
  assert.ok(rows.length > 8000 && rows.length <= 8192, `${rows.length} rows`);
  assert.equal(BigInt(rows.length) + (other?.count ?? 0n), 9000n);
  const sum = [...rows, ...(other ? [other] : [])].reduce(
    (total, { measured }) => total + (measured[0]?.sum ?? 0n),
    0n,
  );
  assert.equal(sum, (9000n * 8999n) / 2n);
});

test("a parameter that is a string by its command is a key as text", async () => {
  const script = `
import ctypes
for name in b"one", b"two", b"one": ctypes.CDLL(None).prctl(15, name, 0, 0, 0)
`;
  const filter = `PARAMS[1] == PR_SET_NAME`;
  const [table] = await counted(rule("prctl", "by PARAMS[2]", filter), [[PYTHON, "-c", script]]);
  const rows = table?.rows.map(({ key, count }) => [textOf(key[0]), count]);
  assert.deepEqual(rows?.sort(), [
    ["one", 2n],
    ["two", 1n],
  ]);
});

test("connections are counted by address and port, and datagrams by the peer of their socket", async () => {
  const script = `
import socket
for family, address in (
    (socket.AF_INET, ("127.0.0.9", 81)), (socket.AF_INET, ("127.0.0.9", 81)),
    (socket.AF_INET, ("127.0.0.9", 82)), (socket.AF_INET6, ("::ffff:127.0.0.8", 83)),
    (socket.AF_UNIX, "/nowhere")):
    s = socket.socket(family, socket.SOCK_DGRAM)
    try: s.connect(address)
    except OSError: continue
    try: s.send(b"x")
    except OSError: pass
`;
  const tables = await counted(
    [
      rule("connect", "by PARAMS[2].addr, PARAMS[2].port", "PARAMS[2].addr in 127.0.0.0/8"),
      rule("sendto", "by FD[1].addr", "TID == PID"),
    ].join("\n"),
    [[PYTHON, "-c", script]],
  );
  const shown = tables.map(({ rows }) =>
    rows.map(({ key, count }) => `${key.map(formatPart).join(" ")} ${count}`).sort(),
  );
  assert.deepEqual(shown, [
    ["127.0.0.8 83 1", "127.0.0.9 81 2", "127.0.0.9 82 1"],
    ["127.0.0.8 1", "127.0.0.9 3"],
  ]);
});

test("names of files are counted as they are, long ones by their beginning", async () => {
  const script = `
import os
for name in ["a\\nb", "x" * 300, "x" * 301, "\\udcff", ""]:
    for _ in range(3):
        try: os.unlink(name)
        except OSError: pass
`;
  const [table] = await counted(rule("unlink", "by COMM, PARAMS[1]", "TID == PID"), [
    [PYTHON, "-c", script],
  ]);
  const rows = table?.rows.map(({ key, count }) => {
    const name = key[1];
    return [textOf(name), name?.is === "text" && name.cut, Number(count)];
  });
  assert.deepEqual(rows?.sort(), [
    ["", false, 3],
    ["a\nb", false, 3],
    ["x".repeat(248), true, 6],
    ["\xff", false, 3],
  ]);
});

test("2,000 rules that count: each call is that of the first that matches", async () => {
  const rules = Array.from({ length: 2000 }, (_, i) =>
    rule("unlink", "by COMM", `PARAMS[1] startswith "/n/${i}"`),
  );
  const paths = ["/n/1999", "/n/7", "/n/20", "/n/9/x", "/m"];
  const commands = paths.map((path) => [workplace().calls64, "native", "87", `@${path}`]);
  const tables = await counted(rules.join("\n"), commands);
  const found = tables.flatMap(({ rows }, i) => rows.map(({ count }) => [i, Number(count)]));
  assert.deepEqual(found, [
    [1, 1],
    [2, 1],
    [7, 1],
    [9, 1],
  ]);
});
