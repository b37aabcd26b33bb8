/** The n-th call is denied, and no other: for every process of the guest, by whatever the kernel offers. */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { probeMachine } from "../../src/engines/kernel/index.ts";
import { assertNoObjects } from "../kernel/bpf-objects.ts";
import { run, USER, type Watched, watch, workplace } from "../kernel/watching.ts";
import { needsGuest } from "./guest.ts";

after(assertNoObjects);

const PYTHON = "/usr/bin/python3";

function python(script: string, ...args: readonly string[]): Promise<{ readonly output: string }> {
  return run([PYTHON, "-c", script, ...args], { env: { PYTHONDONTWRITEBYTECODE: "1" } });
}

/** Makes directories named by the argument and prints what each attempt came to, 0 or the errno. */
const TEN = `
import os, sys
for i in range(10):
    try:
        os.mkdir(f"{sys.argv[1]}{i}"); print(0, end=" ")
    except OSError as e:
        print(e.errno, end=" ")
`;

function fail(entry: string, filter = `UID == ${USER}`, call = "mkdir"): string {
  return `rule { rule_name = fail syscall_name = ${call} ${entry}
    filter_expression { ${filter} } action { type = FAIL error_code = EIO } }`;
}

async function deniedOfTen(rules: string, name: string): Promise<[string, Watched]> {
  let output = "";
  const watched = await watch(rules, async () => {
    ({ output } = await python(TEN, name));
  });
  return [output.trim(), watched];
}

for (const [entry, expected] of [
  ["occurrence = 3", "0 0 5 0 0 0 0 0 0 0"],
  ["occurrence = 3+2", "0 0 5 0 5 0 5 0 5 0"],
  ["occurrence = 3..5 per pid", "0 0 5 5 5 0 0 0 0 0"],
  ["threshold = 5/1h per uid", "0 0 0 0 5 5 5 5 5 5"],
] as const)
  test(`mkdir with ${entry}`, async (t) => {
    if (!needsGuest(t)) return;
    const name = `d${entry.replace(/\W/g, "")}`;
    const [output, { events, counters }] = await deniedOfTen(fail(entry), name);
    assert.equal(output, expected);
    const denied = expected.match(/5/g)?.length;
    assert.deepEqual([events.length, counters.rules[0]?.matched], [denied, denied]);
  });

test("a rule on files counts where the kernel has found them, once for each call", async (t) => {
  if (!needsGuest(t)) return;
  const { directory } = workplace();
  writeFileSync(join(directory, "counted"), "x");
  const path = `PATH == ${JSON.stringify(join(directory, "counted"))}`;
  const open = `
import os
for i in range(6):
    for name in ("counted", "./counted", "other"):
        try:
            os.close(os.open(name, os.O_RDONLY)); print(0, end=" ")
        except OSError as e:
            print(e.errno, end=" ")
`;
  writeFileSync(join(directory, "other"), "x");
  let output = "";
  const { counters } = await watch(fail("occurrence = 3+4", path, "open"), async () => {
    ({ output } = await python(open));
  });
  assert.equal(output.trim(), "0 0 0 5 0 0 0 0 0 5 0 0 0 0 0 5 0 0");
  assert.equal(counters.rules[0]?.matched, 3);
});

test("many threads at once: one of their calls is denied", async (t) => {
  if (!needsGuest(t)) return;
  const [processes, threads, count] = [3, 6, 200];
  const calls = processes * threads * count;
  const own = `UID == ${USER} && COMM == "scenes"`;
  const { counters } = await watch(
    `${fail(`occurrence = ${calls - 100}`, own, "unlink")} ${fail("threshold = 3000/1h", own, "unlink").replace("fail", "rest")}`,
    () =>
      Promise.all(
        Array.from({ length: processes }, () =>
          run([workplace().scenes, "storm", String(threads), String(count)]),
        ),
      ),
  );
  assert.deepEqual(
    counters.rules.map(({ matched }) => matched),
    [1, calls - 1 - 2999],
  );
});

test("a call that sends several messages counts once", async (t) => {
  if (!needsGuest(t)) return;
  const { directory } = workplace();
  const path = join(directory, "socket");
  const send = `
import ctypes, os, socket, struct
libc = ctypes.CDLL(None, use_errno=True)
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM); s.bind(${JSON.stringify(path)})
c = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
name = struct.pack("H", 1) + ${JSON.stringify(path)}.encode() + b"\\0"
name = ctypes.create_string_buffer(name); byte = ctypes.create_string_buffer(b"x")
iov = ctypes.create_string_buffer(struct.pack("QQ", ctypes.addressof(byte), 1))
one = struct.pack("QI4xQQQQi4xI4x", ctypes.addressof(name), len(name) - 1, ctypes.addressof(iov), 1, 0, 0, 0, 0)
vec = ctypes.create_string_buffer(one * 3)
for i in range(4):
    r = libc.sendmmsg(c.fileno(), vec, 3, 0)
    print(r if r >= 0 else -ctypes.get_errno(), end=" ")
    while r > 0:
        s.recv(9); r -= 1
`;
  let output = "";
  const { counters } = await watch(
    fail("occurrence = 3", `PATH == ${JSON.stringify(path)}`, "sendmmsg"),
    async () => {
      ({ output } = await python(send));
    },
  );
  assert.equal(output.trim(), "3 3 -5 3");
  assert.equal(counters.rules[0]?.matched, 1);
});

test("a database whose third fsync fails says so, and works again", async (t) => {
  if (!needsGuest(t)) return;
  const machine = probeMachine();
  if (!machine.canModifyReturn && !machine.canOverrideReturn) {
    t.skip("no hook of this kernel sees fsync");
    return;
  }
  const script = `
import os, sqlite3
os.chdir("/tmp"); os.makedirs(f"sct-{os.getpid()}"); os.chdir(f"sct-{os.getpid()}")
db = sqlite3.connect("db", isolation_level=None)
for sql in ("create table t (x)", "insert into t values (1)", "insert into t values (2)"):
    try:
        db.execute(sql); print("ok", end=" ")
    except sqlite3.Error as e:
        print(e, end=" ")
print(db.execute("select count(*) from t").fetchone()[0] if os.path.getsize("db") else "empty")
`;
  let output = "";
  const { events } = await watch(
    fail("occurrence = 3", `UID == ${USER}`, "fsync, fdatasync"),
    async () => {
      ({ output } = await python(script));
    },
  );
  assert.equal(events.length, 1, output);
  assert.match(output, /disk I\/O error/);
});
