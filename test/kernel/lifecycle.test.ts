/** Loading is all or nothing, unloading leaves nothing, and what cannot be done is refused with place and reason. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { after, test } from "node:test";
import { openKernelEngine } from "../../src/engines/kernel/index.ts";
import { Memory, NR, syscall } from "../../src/sys/index.ts";
import { assertNoObjects } from "./bpf-objects.ts";
import { needsKernel } from "./needs.ts";
import { checked, open, run, USER, watch, workplace } from "./watching.ts";

after(assertNoObjects);

const own = (more = ""): string => `filter_expression { UID == ${USER} ${more} }`;

/** One rule set that needs every kind of map and program. */
const EVERYTHING = `
  rule { syscall_name = open, execve ${own('&& PARAMS[1] matches "/n/**/x"')} limit = 5/s per uid action { type = LOG } }
  rule { syscall_name = rename when = after ${own()} action { type = LOG } }
  rule { syscall_name = getppid ${own()} action { type = LOG } }`;

function descriptors(): string[] {
  return readdirSync("/proc/self/fd").flatMap((fd) => {
    try {
      return [`${fd} ${readlinkSync(`/proc/self/fd/${fd}`)}`];
    } catch {
      return []; // the descriptor of this very listing
    }
  });
}

/** Kernel ids of all programs, maps and links that this process holds. */
function objectIds(): { readonly kind: "prog" | "map" | "link"; readonly id: number }[] {
  return readdirSync("/proc/self/fdinfo").flatMap((fd) => {
    try {
      const info = readFileSync(`/proc/self/fdinfo/${fd}`, "latin1");
      const [, kind, id] = /^(link|prog|map)_id:\t(\d+)$/m.exec(info) ?? [];
      return kind === undefined ? [] : [{ kind: kind as "prog" | "map" | "link", id: Number(id) }];
    } catch {
      return [];
    }
  });
}

const GET_FD_BY_ID = { prog: 13, map: 14, link: 30 } as const;
const ENOENT = 2;

function exists({ kind, id }: ReturnType<typeof objectIds>[number]): boolean {
  using attr = Memory.allocate(16);
  attr.view.setUint32(0, id, true);
  const fd = syscall(NR.bpf, GET_FD_BY_ID[kind], attr.address, 16);
  if (fd >= 0) syscall(NR.close, fd);
  else assert.equal(-fd, ENOENT);
  return fd >= 0;
}

test("load and unload leave nothing behind", async (t) => {
  if (!needsKernel(t)) return;
  workplace();
  open(EVERYTHING).close(); // what is opened once for the life of the process
  const before = descriptors();
  const engine = open(EVERYTHING);
  const objects = objectIds();
  const kinds = new Set(objects.map(({ kind }) => kind));
  assert.ok(kinds.has("prog") && kinds.has("map"), [...kinds].join());
  assert.ok(objects.length >= 8, `${objects.length} objects`);
  assert.ok(objects.every(exists));
  await run([workplace().calls64, "loop", "10", "110"]);
  engine.close();
  assert.deepEqual(descriptors(), before);
  // the kernel frees maps and programs a moment later, when no CPU can be in them any more
  const deadline = performance.now() + 10_000;
  while (objects.some(exists)) {
    assert.ok(performance.now() < deadline, JSON.stringify(objects.filter(exists)));
    await new Promise((resolve) => setImmediate(resolve));
  }
});

test("closing twice is harmless, and counters stay", async (t) => {
  if (!needsKernel(t)) return;
  workplace();
  const engine = open(EVERYTHING);
  await run([workplace().calls64, "loop", "10", "110"]);
  engine.close();
  engine.close();
  assert.equal(engine.counters().rules[2]?.matched, 10);
  assert.equal(await engine.events({ record: () => assert.fail("a record") }, 0), 0);
});

test("many loads in a row", (t) => {
  if (!needsKernel(t)) return;
  open(EVERYTHING).close();
  const before = descriptors();
  for (let n = 0; n < 3; n++) open(EVERYTHING).close();
  assert.deepEqual(descriptors(), before);
});

test("two engines at once see the same calls, each with its own numbers", async (t) => {
  if (!needsKernel(t)) return;
  const rule = `rule { syscall_name = unlink when = after ${own()} action { type = LOG log_format {%param1 %retval} } }`;
  const calls = (): Promise<unknown> => run([workplace().calls64, "loop", "3", "87", "@/n/a"]);
  const [outer, inner] = await new Promise<[string[], string[]]>((resolve, reject) => {
    let lines: readonly string[] = [];
    watch(rule, async () => {
      ({ lines } = await watch(rule, calls));
    }).then((watched) => resolve([[...watched.lines], [...lines]]), reject);
  });
  const expected = Array(3).fill('"/n/a" -2');
  assert.deepEqual([outer, inner], [expected, expected]);
});

test("the tool's own process is not watched", async (t) => {
  if (!needsKernel(t)) return;
  const both = `PID == ${process.pid} || UID == ${USER}`;
  const rule = `rule { syscall_name = getppid filter_expression { ${both} } action { type = LOG } }`;
  const { events } = await watch(rule, async () => {
    for (let n = 0; n < 10; n++) syscall(110);
    await run([workplace().calls64, "loop", "1", "110"]);
    for (let n = 0; n < 10; n++) syscall(110);
  });
  assert.equal(events.length, 1);
  assert.notEqual(events[0]?.pid, process.pid);
});

const LOG = "action { type = LOG }";

/** What this engine must refuse, at the text that asks for it. */
const REFUSED: readonly (readonly [body: string, at: string, message: RegExp])[] = [
  [
    `filter_expression { COMM =~ "x.{13}$" } ${LOG}`,
    'COMM =~ "x.{13}$"',
    /needs more than 8192 states/,
  ],
  [
    "action { type = REWRITE rewrite { PARAMS[2] = 0 } }",
    "REWRITE",
    /REWRITE cannot be done for the whole machine/,
  ],
];

for (const [body, at, message] of REFUSED) {
  test(`refused with its place: ${body}`, (t) => {
    if (!needsKernel(t)) return;
    const good = `rule { syscall_name = getppid ${own()} action { type = LOG } }`;
    const text = `${good}\nrule { syscall_name = execve ${body} }`;
    const before = descriptors();
    const result = openKernelEngine(checked(text));
    if (result.ok) {
      result.engine.close();
      assert.fail("it was loaded");
    }
    const [diagnostic, ...others] = result.diagnostics;
    assert.ok(diagnostic);
    assert.deepEqual(others, []);
    assert.match(diagnostic.message, message);
    assert.ok(text.slice(diagnostic.span.start, diagnostic.span.end).includes(at));
    assert.deepEqual(descriptors(), before);
  });
}
