/** Programs, maps and links on the running kernel: what is assembled loads, runs and counts. */
import assert from "node:assert/strict";
import { mkdtempSync, rmdirSync, unlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import {
  Assembler,
  R0,
  R1,
  R2,
  R3,
  R4,
  R6,
  R7,
  R10,
  type Register,
} from "../../src/bpf/asm/index.ts";
import {
  attachRawTracepoint,
  type BpfMap,
  bpfEnableStats,
  loadProgram,
  openMap,
  openPinnedLink,
  openPinnedMap,
  type Program,
  possibleCpus,
  VerifierError,
} from "../../src/bpf/index.ts";
import { gettid, mount, NR, syscall, unmount } from "../../src/sys/index.ts";
import { assertNoObjects } from "./bpf-objects.ts";
import { needsKernel } from "./needs.ts";

after(assertNoObjects);

function load(build: (a: Assembler) => unknown, ...maps: readonly BpfMap[]): Program {
  const a = new Assembler("test");
  build(a);
  const spec = { name: "sct_test", type: "raw_tracepoint", code: a.assemble() } as const;
  return loadProgram(spec, { maps: new Map(maps.map((map) => [map.name, map])) });
}

/** `r0` of a program that leaves it there. */
function run(build: (a: Assembler) => unknown, context: readonly bigint[] = []): number {
  using program = load(build);
  return program.testRun({ context }).retval;
}

/** Counts in element 0 of `counters` the calls of this process with this number. */
function countCalls(a: Assembler, nr: number): void {
  a.load("u64", R6, R1, 8).jump("ne", R6, nr, "exit");
  a.call("bpf_get_current_pid_tgid").rsh(R0, 32).jump("ne", R0, process.pid, "exit");
  a.store("u32", R10, -4, 0).mov(R2, R10).add(R2, -4);
  a.loadMap(R1, "counters").call("bpf_map_lookup_elem").jump("eq", R0, 0, "exit");
  a.mov(R1, 1).atomicAdd("u64", R0, 0, R1);
  a.label("exit").return(0);
}

test("arithmetic means on the kernel what its names say", (t) => {
  if (!needsKernel(t)) return;
  assert.equal(
    run((a) => a.mov(R0, 7).alu("mod", R0, 4).exit()),
    3,
  );
  assert.equal(
    run((a) => a.loadImm(R0, 0x1_0000_0005n).rsh(R0, 32).exit()),
    1,
  );
  assert.equal(
    run((a) => a.mov(R0, -8).arsh(R0, 1).exit()),
    -4,
  );
  assert.equal(
    run((a) => a.mov(R0, 0x80).signExtend(R0, R0, 8).exit()),
    -128,
  );
  assert.equal(
    run((a) => a.mov(R0, 0x1234).toBigEndian(R0, 16).exit()),
    0x3412,
  );
  assert.equal(
    run((a) => a.mov(R0, 5).neg(R0).exit()),
    -5,
  );
});

test("atomic operations return what was there", (t) => {
  if (!needsKernel(t)) return;
  const slot = (a: Assembler, value: number): Assembler => a.store("u64", R10, -8, value);
  const add = (a: Assembler) =>
    slot(a, 40).mov(R1, 2).atomicFetch("add", "u64", R10, -8, R1).load("u64", R0, R10, -8);
  assert.equal(
    run((a) => add(a).exit()),
    42,
  );
  assert.equal(
    run((a) => add(a).mov(R0, R1).exit()),
    40,
  );
  const swap = (a: Assembler, expected: number) =>
    slot(a, 1).mov(R0, expected).mov(R1, 9).atomicCompareExchange("u64", R10, -8, R1);
  assert.equal(
    run((a) => swap(a, 1).load("u64", R0, R10, -8).exit()),
    9,
  );
  assert.equal(
    run((a) => swap(a, 5).load("u64", R0, R10, -8).exit()),
    1,
  );
  assert.equal(
    run((a) => slot(a, 3).mov(R1, 4).atomicExchange("u64", R10, -8, R1).mov(R0, R1).exit()),
    3,
  );
});

test("subprograms and far jumps run", (t) => {
  if (!needsKernel(t)) return;
  const double = (a: Assembler): unknown => {
    a.mov(R1, 21).callFunction("double").exit();
    return a.function("double").mov(R0, R1).add(R0, R1).exit();
  };
  assert.equal(run(double), 42);
});

test("a jump over 40,000 instructions arrives", (t) => {
  if (!needsKernel(t)) return;
  const far = (a: Assembler): unknown => {
    a.load("u64", R2, R1, 0).mov(R0, 1).jump("set", R2, 1, "end").jump("gt", R2, 100, "end");
    for (let n = 0; n < 40_000; n++) a.add(R0, 1);
    return a.label("end").exit();
  };
  let program: Program;
  try {
    program = load(far);
  } catch (error) {
    if (error instanceof VerifierError && /uses reserved fields|unknown opcode/.test(error.log))
      return t.skip("no gotol before Linux 6.6");
    throw error;
  }
  using closing = program;
  assert.equal(closing.testRun({ context: [1n] }).retval, 1);
  assert.equal(closing.testRun({ context: [102n] }).retval, 1);
  assert.equal(closing.testRun({ context: [2n] }).retval, 40_001);
});

test("a bpf_loop callback runs with type information of our own making", (t) => {
  if (!needsKernel(t)) return;
  const sum = (a: Assembler): unknown => {
    a.store("u64", R10, -8, 0).mov(R1, 100).loadFunction(R2, "body").mov(R3, R10).add(R3, -8);
    a.mov(R4, 0).call("bpf_loop").load("u64", R0, R10, -8).exit();
    a.function("body").load("u64", R6, R2, 0).alu("add", R6, R1).store("u64", R2, 0, R6);
    return a.return(0);
  };
  assert.equal(run(sum), 4950);
});

test("a raw tracepoint counts calls until its link is closed", (t) => {
  if (!needsKernel(t)) return;
  using counters = openMap({ name: "counters", type: "percpu_array", valueSize: 8, maxEntries: 1 });
  using program = load((a) => countCalls(a, NR.getpid), counters);
  const link = attachRawTracepoint(program, "sys_enter");
  for (let n = 0; n < 100; n++) syscall(NR.getpid);
  link.close();
  assert.equal(counters.sumPerCpu(0), 100);
  for (let n = 0; n < 100; n++) syscall(NR.getpid);
  assert.equal(counters.sumPerCpu(0), 100);
  assert.equal(counters.lookupPerCpu(0)?.length, possibleCpus());
});

test("an unknown tracepoint is refused with advice", (t) => {
  if (!needsKernel(t)) return;
  using program = load((a) => a.return(0));
  assert.throws(() => attachRawTracepoint(program, "no_such_tracepoint"), {
    errnoName: "ENOENT",
    hint: /no tracepoint of that name/,
  });
});

test("task storage works from a raw tracepoint program", (t) => {
  if (!needsKernel(t)) return;
  using tasks = openMap({ name: "tasks", type: "task_storage", valueSize: 40 });
  using program = load((a) => {
    a.call("bpf_get_current_task_btf").mov(R2, R0).loadMap(R1, "tasks").mov(R3, 0).mov(R4, 1);
    a.call("bpf_task_storage_get").jump("eq", R0, 0, "none");
    a.load("u64", R1, R0, 32).add(R1, 1).store("u64", R0, 32, R1).mov(R0, R1).exit();
    a.label("none").return(-1);
  }, tasks);
  const counts = [1, 2, 3].map(() => program.testRun().retval);
  assert.deepEqual(counts, [1, 2, 3]);
});

test("maps keep what is written", (t) => {
  if (!needsKernel(t)) return;
  using map = openMap({ name: "m", type: "hash", keySize: 8, valueSize: 4, maxEntries: 2 });
  map.update(1, 10);
  map.update(2, 20);
  assert.deepEqual([...(map.lookup(2) ?? [])], [20, 0, 0, 0]);
  assert.equal(map.lookup(3), undefined);
  assert.equal([...map.keys()].length, 2);
  assert.throws(() => map.update(3, 30), { errnoName: "E2BIG", hint: /The map is full/ });
  assert.equal(map.delete(1), true);
  assert.equal(map.delete(1), false);
  using recent = openMap({ name: "l", type: "lru_hash", keySize: 4, valueSize: 4, maxEntries: 8 });
  for (let n = 0; n < 100; n++) recent.update(n, n);
  assert.notEqual(recent.lookup(99), undefined);
});

test("a program array swaps what a tail call runs", (t) => {
  if (!needsKernel(t)) return;
  using slots = openMap({ name: "slots", type: "prog_array", maxEntries: 2 });
  const tail = (a: Assembler, context: Register = R1): unknown =>
    a.mov(R1, context).loadMap(R2, "slots").mov(R3, 0).call("bpf_tail_call").return(1);
  using entry = load(tail, slots);
  assert.equal(entry.testRun().retval, 1);
  using first = load((a) => a.return(2));
  using second = load((a) => a.return(3));
  slots.update(0, first.fd);
  assert.equal(entry.testRun().retval, 2);
  slots.update(0, second.fd);
  assert.equal(entry.testRun().retval, 3);
  slots.delete(0);
  assert.equal(entry.testRun().retval, 1);
});

test("the verifier's refusal names the instruction and quotes the rule", (t) => {
  if (!needsKernel(t)) return;
  const text = "syscall_name = open\nfilter_expression { UID == 0 }\n";
  const start = text.indexOf("UID");
  const span = { file: { name: "my.rules", text }, start, end: start + 8 };
  assert.throws(
    () => load((a) => a.mov(R6, R1).at(span).load("u64", R0, R6, 9999).exit()),
    (error) => {
      assert.ok(error instanceof VerifierError);
      assert.match(
        error.message,
        /^Cannot load program "sct_test": EACCES at instruction 1: invalid bpf_context access/,
      );
      assert.deepEqual(error.span, span);
      assert.match(error.log, /; filter_expression \{ UID == 0 \}/);
      return true;
    },
  );
});

test("a refusal for too many branches says so and gives advice", (t) => {
  if (!needsKernel(t)) return;
  const branches = (a: Assembler): unknown => {
    a.call("bpf_ktime_get_ns").mov(R6, R0);
    for (let n = 0; n < 9000; n++) a.jump("eq", R6, n, "end");
    return a.label("end").return(0);
  };
  assert.throws(
    () => load(branches),
    (error) =>
      error instanceof VerifierError &&
      error.summary === "The sequence of 8193 jumps is too complex." &&
      error.hint !== undefined,
  );
});

test("info() counts runs while statistics are on", (t) => {
  if (!needsKernel(t)) return;
  using stats = bpfEnableStats();
  assert.equal(stats.isOpen, true);
  using counters = openMap({ name: "counters", type: "percpu_array", valueSize: 8, maxEntries: 1 });
  using program = load((a) => countCalls(a, NR.getpid), counters);
  using link = attachRawTracepoint(program, "sys_enter");
  for (let n = 0; n < 1000; n++) syscall(NR.getpid);
  const info = program.info();
  assert.ok(link.fd.isOpen && info.runCount >= 1000 && info.runTimeNs > 0);
  assert.ok(info.id > 0 && info.jitedBytes > 0 && info.xlatedBytes > 0 && info.verifiedInsns > 5);
  assert.equal(info.recursionMisses, 0);
});

test("pins keep a link alive without us, and unlinking detaches it", async (t) => {
  if (!needsKernel(t)) return;
  const directory = mkdtempSync(join(tmpdir(), "sct-bpffs-"));
  mount("bpf", directory);
  try {
    const spec = { name: "counters", type: "percpu_array", valueSize: 8, maxEntries: 1 } as const;
    const map = openMap(spec);
    const program = load((a) => countCalls(a, NR.getpid), map);
    const link = attachRawTracepoint(program, "sys_enter");
    link.pin(join(directory, "link"));
    map.pin(join(directory, "map"));
    for (const object of [link, program, map]) object.close();
    assertNoObjects();
    for (let n = 0; n < 10; n++) syscall(NR.getpid);
    using pinned = openPinnedMap(spec, join(directory, "map"));
    assert.equal(pinned.sumPerCpu(0), 10);
    openPinnedLink(join(directory, "link")).close();
    unlinkSync(join(directory, "link"));
    // the kernel lets go of the link behind our back, after a grace period
    const deadline = performance.now() + 10_000;
    for (let before = -1, now = 10; before !== now; now = pinned.sumPerCpu(0)) {
      assert.ok(performance.now() < deadline, "the link is still attached");
      await new Promise((resolve) => setTimeout(resolve, 1));
      before = now;
      for (let n = 0; n < 10; n++) syscall(NR.getpid);
    }
  } finally {
    unmount(directory);
    rmdirSync(directory);
  }
});

test("registers hold over helper calls as documented", (t) => {
  if (!needsKernel(t)) return;
  const tid = run((a) => a.mov(R7, 1).call("bpf_get_current_pid_tgid").alu("mul", R0, R7).exit());
  assert.equal(tid, gettid());
});
