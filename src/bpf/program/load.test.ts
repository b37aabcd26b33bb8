import assert from "node:assert/strict";
import { test } from "node:test";
import { EAGAIN, EINVAL, ENOSPC, EPERM } from "../../sys/index.ts";
import { type FakeKernel, withFakeKernel } from "../../sys/testing/fake-kernel.ts";
import { Assembler, R0, R1, R2, R3, R4 } from "../asm/index.ts";
import { COMMAND } from "../constants.ts";
import { openMap } from "../map/map.ts";
import { loadProgram, type ProgramSpec } from "./load.ts";

/** Offsets in the part of union bpf_attr that BPF_PROG_LOAD uses. */
const LOAD = {
  insnCount: 4,
  insns: 8,
  logLevel: 24,
  logSize: 28,
  logBuffer: 32,
  name: 48,
} as const;

interface Request {
  readonly attr: DataView;
  readonly level: number;
  readonly logSize: number;
  say(log: string): void;
}

/** A kernel that answers BPF_PROG_LOAD by `verify` and opens everything else. */
function onLoad(fake: FakeKernel, verify: (request: Request) => number): void {
  fake.on("prlimit64", () => 0);
  fake.on("bpf", ([command = -1, address = 0, size = 0]) => {
    if (command !== COMMAND.BPF_PROG_LOAD) return fake.openFd();
    const bytes = fake.bytesAt(address, size);
    const attr = new DataView(bytes.buffer, bytes.byteOffset, size);
    const logSize = attr.getUint32(LOAD.logSize, true);
    return verify({
      attr,
      level: attr.getUint32(LOAD.logLevel, true),
      logSize,
      say(log) {
        const buffer = fake.bytesAt(Number(attr.getBigUint64(LOAD.logBuffer, true)), logSize);
        const text = new TextEncoder().encode(log).subarray(0, logSize - 1);
        buffer.set(text);
        buffer[text.length] = 0;
      },
    });
  });
}

function spec(build: (a: Assembler) => unknown = (a) => a.return(0)): ProgramSpec {
  const a = new Assembler("rule");
  build(a);
  return { name: "rule", type: "raw_tracepoint", code: a.assemble() };
}

test("loadProgram() asks for no log, and puts map descriptors in place", () => {
  withFakeKernel((fake) => {
    let map = -1;
    onLoad(fake, ({ attr, level }) => {
      assert.equal(level, 0);
      assert.equal(attr.getUint32(LOAD.insnCount, true), 4);
      const insns = fake.bytesAt(Number(attr.getBigUint64(LOAD.insns, true)), 32);
      assert.equal(new DataView(insns.buffer).getInt32(4, true), map);
      return fake.openFd();
    });
    using events = openMap({ name: "events", type: "ringbuf", maxEntries: 4096 });
    map = events.fd.number;
    const program = spec((a) => a.loadMap(R1, "events").return(0));
    loadProgram(program, { maps: new Map([["events", events]]) }).close();
    assert.throws(() => loadProgram(program), /uses map "events", which was not given/);
  });
});

test("loadProgram() tries again when a signal interrupts the verifier", () => {
  withFakeKernel((fake) => {
    let attempts = 0;
    onLoad(fake, () => (++attempts < 4 ? -EAGAIN : fake.openFd()));
    loadProgram(spec()).close();
    assert.equal(attempts, 4);
    onLoad(fake, () => -EAGAIN);
    assert.throws(() => loadProgram(spec()), { name: "SyscallError", errno: EAGAIN });
  });
});

test("loadProgram() grows the log until the end fits", () => {
  withFakeKernel((fake) => {
    const sizes: number[] = [];
    const trace = "0: (b7) r0 = 0\n".repeat(60_000);
    onLoad(fake, ({ level, logSize, say }) => {
      if (level === 0) return -EINVAL;
      if (level === 1) sizes.push(logSize);
      const log = `${level === 1 ? trace : ""}R0 is bad\nprocessed 3 insns (limit 1000000)\n`;
      say(log);
      return log.length >= logSize ? -ENOSPC : -EINVAL;
    });
    assert.throws(() => loadProgram(spec()), {
      name: "VerifierError",
      errno: EINVAL,
      summary: "R0 is bad",
      insn: 0,
    });
    assert.deepEqual(sizes, [1 << 19, 1 << 22]);
    assert.equal(fake.blocksInUse, 0);
  });
});

test("loadProgram() takes the end of an endless log from new kernels, the short log from old ones", () => {
  withFakeKernel((fake) => {
    const end = "R0 is bad\nprocessed 3 insns (limit 1000000)";
    for (const keepsEnd of [true, false]) {
      onLoad(fake, ({ level, logSize, say }) => {
        if (level === 0) return -EINVAL;
        if (level === 4) {
          say(end);
          return -EINVAL;
        }
        const trace = "0: (b7) r0 = 0\n".repeat(logSize / 15 + 10);
        say(keepsEnd ? (trace + end).slice(-logSize + 1) : trace);
        return -ENOSPC;
      });
      assert.throws(() => loadProgram(spec()), { errno: EINVAL, summary: "R0 is bad" });
    }
  });
});

test("loadProgram() without a word from the verifier gives advice, and leaks nothing", () => {
  withFakeKernel((fake) => {
    onLoad(fake, () => -EPERM);
    const looping = spec((a) => {
      a.mov(R1, 1).loadFunction(R2, "body").mov(R3, 0).mov(R4, 0).call("bpf_loop").return(0);
      a.function("body").return(0);
    });
    assert.throws(() => loadProgram(looping), {
      name: "SyscallError",
      message: 'Cannot load program "rule": bpf(BPF_PROG_LOAD) gives EPERM',
      hint: /CAP_BPF and CAP_PERFMON/,
    });
    assert.equal(fake.openFds.size, 0);
    assert.equal(fake.blocksInUse, 0);
  });
});

test("VerifierError carries the rule text of the instruction", () => {
  withFakeKernel((fake) => {
    onLoad(fake, ({ level, say }) => {
      if (level !== 0) say("1: (79) r0 = *(u64 *)(r1 +8)\nbad access\nprocessed 2 insns (limit 9)");
      return -EINVAL;
    });
    const span = { file: { name: "a.sct", text: "UID == 0" }, start: 0, end: 3 };
    const program = spec((a) => a.mov(R0, 0).at(span).load("u64", R0, R1, 8).exit());
    assert.throws(() => loadProgram(program), { insn: 1, span });
  });
});
