/** Every kind of attachment that this kernel allows; the others are skipped with the kernel's reason. */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, type TestContext, test } from "node:test";
import { Assembler, R0, R1, R2, R10 } from "../../src/bpf/asm/index.ts";
import {
  type AttachType,
  attachPerfEvent,
  attachTracing,
  createLink,
  FEATURES,
  type Link,
  loadProgram,
  openMap,
  type Program,
  type ProgramSpec,
  readVmlinuxBtf,
} from "../../src/bpf/index.ts";
import { mount, syscall, unmount } from "../../src/sys/index.ts";
import { assertNoObjects } from "./bpf-objects.ts";
import { needsKernel } from "./needs.ts";

after(assertNoObjects);

/** x86-64. umask changes nothing that matters here, getpgid of a pid (not of 0) reaches one security hook. */
const NR_UMASK = 95;
const NR_GETPGID = 121;
const EBADFD = 77;
const SPEC = { name: "counters", type: "percpu_array", valueSize: 8, maxEntries: 1 } as const;

/** Skips the test when the probe of this name says no. */
function hasFeature(t: TestContext, name: string): boolean {
  if (!needsKernel(t)) return false;
  const feature = FEATURES.find((candidate) => candidate.name === name);
  assert.ok(feature, name);
  const result = feature.probe();
  if (result.outcome !== "supported") t.skip(result.reason);
  return result.outcome === "supported";
}

/** Does `body` for our own process only. */
function forUs(body: (a: Assembler) => unknown): Assembler {
  const a = new Assembler("test");
  a.call("bpf_get_current_pid_tgid").rsh(R0, 32).jump("eq", R0, process.pid, "ours").return(0);
  body(a.label("ours"));
  return a;
}

/** Counts the umask calls of this process while `attach` holds. */
function countUmask(
  spec: Omit<ProgramSpec, "name" | "code">,
  attach: (program: Program) => Link,
): number {
  using counters = openMap(SPEC);
  const a = forUs((a) => {
    a.store("u32", R10, -4, 0).mov(R2, R10).add(R2, -4);
    a.loadMap(R1, "counters").call("bpf_map_lookup_elem").jump("eq", R0, 0, "exit");
    a.mov(R1, 1).atomicAdd("u64", R0, 0, R1).label("exit").return(0);
  });
  const maps = new Map([["counters", counters]]);
  using program = loadProgram({ ...spec, name: "sct_test", code: a.assemble() }, { maps });
  const link = attach(program);
  const umask = syscall(NR_UMASK, 0o22);
  for (let n = 1; n < 10; n++) syscall(NR_UMASK, umask);
  link.close();
  syscall(NR_UMASK, umask);
  return counters.sumPerCpu(0);
}

function umaskFunction(): number {
  const id = readVmlinuxBtf().functionId("__x64_sys_umask");
  assert.ok(id);
  return id;
}

for (const [kind, expectedAttachType] of [
  ["fentry", "BPF_TRACE_FENTRY"],
  ["fexit", "BPF_TRACE_FEXIT"],
] as const satisfies readonly (readonly [string, AttachType])[]) {
  test(`${kind} sees calls until it is closed`, (t) => {
    if (!hasFeature(t, `${kind} programs on system calls`)) return;
    const spec = { type: "tracing", expectedAttachType, attachBtfId: umaskFunction() } as const;
    assert.equal(countUmask(spec, attachTracing), 10);
    assert.equal(
      countUmask(spec, (program) => createLink(program, expectedAttachType)),
      10,
    );
  });
}

test("a perf event carries a tracepoint program", (t) => {
  if (!needsKernel(t)) return;
  const directory = mkdtempSync(join(tmpdir(), "sct-tracefs-"));
  mount("tracefs", directory);
  try {
    const path = join(directory, "events/syscalls/sys_enter_umask/id");
    const event = { type: 2, config: Number(readFileSync(path, "latin1")) };
    assert.equal(
      countUmask({ type: "tracepoint" }, (program) => attachPerfEvent(program, event)),
      10,
    );
  } finally {
    unmount(directory);
    rmdirSync(directory);
  }
});

/** What getpgid of ourselves returns while the program denies it. */
function denyGetpgid(spec: Omit<ProgramSpec, "name" | "code">): number {
  const code = forUs((a) => a.return(-EBADFD)).assemble();
  using program = loadProgram({ ...spec, name: "sct_test", code });
  using link = attachTracing(program);
  assert.ok(link.fd.isOpen);
  return syscall(NR_GETPGID, process.pid);
}

test("fmod_ret on a security hook decides the result", (t) => {
  if (!hasFeature(t, "fmod_ret programs on security hooks")) return;
  const attachBtfId = readVmlinuxBtf().functionId("security_task_getpgid");
  assert.ok(attachBtfId);
  const before = syscall(NR_GETPGID, process.pid);
  const expectedAttachType = "BPF_MODIFY_RETURN";
  assert.equal(denyGetpgid({ type: "tracing", expectedAttachType, attachBtfId }), -EBADFD);
  assert.equal(syscall(NR_GETPGID, process.pid), before);
});

test("an lsm program decides the result", (t) => {
  if (!hasFeature(t, "lsm programs")) return;
  if (!hasFeature(t, "bpf among the active security modules")) return;
  const attachBtfId = readVmlinuxBtf().functionId("bpf_lsm_task_getpgid");
  assert.ok(attachBtfId);
  const before = syscall(NR_GETPGID, process.pid);
  assert.equal(
    denyGetpgid({ type: "lsm", expectedAttachType: "BPF_LSM_MAC", attachBtfId }),
    -EBADFD,
  );
  assert.equal(syscall(NR_GETPGID, process.pid), before);
});
