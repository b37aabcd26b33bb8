import assert from "node:assert/strict";
import { test } from "node:test";
import { printCall, type TestCall, u32, u64 } from "./testing.ts";

function expectLine(call: TestCall, line: string): void {
  assert.equal(printCall(call), line);
}

const POLL = 7;
const RT_SIGACTION = 13;
const WRITEV = 20;
const EXECVE = 59;
const FCNTL = 72;
const GETDENTS64 = 217;
const CLONE3 = 435;

test("poll: what is ready stands behind the result", () => {
  const fds = Buffer.concat([u32(3, 1), u32(0xffffffff, 1)]);
  const ready = Buffer.concat([u32(3, 0x10001), u32(0xffffffff, 1)]);
  const call = { nr: POLL, args: [0x1000, 2, 5], memory: { 4096: fds } };
  const entry = "poll([{fd=3, events=POLLIN}, {fd=-1}], 2, 5)";
  expectLine(
    { ...call, ret: 1, after: { 4096: ready } },
    `${entry} = 1 ([{fd=3, revents=POLLIN}])`,
  );
  expectLine({ ...call, ret: 0 }, `${entry} = 0 (Timeout)`);
});

test("a list is cut where -s ends, and where memory ends", () => {
  const vector = { nr: WRITEV, args: [1, 0x1000, 3], ret: 3 };
  const memory = { 4096: u64(0x2000, 3, 0x2000, 1), 8192: "abc" };
  expectLine(
    { ...vector, memory },
    'writev(1, [{iov_base="abc", iov_len=3}, {iov_base="a", iov_len=1}, ... /* 0x1020 */], 3) = 3',
  );
  expectLine(
    { ...vector, memory, options: { stringLimit: 1 } },
    'writev(1, [{iov_base="a"..., iov_len=3}, ...], 3) = 3',
  );
});

test("a count that no memory can hold is an address, and the memory is not asked for it", () => {
  expectLine(
    { nr: WRITEV, args: [1, 0x1000, (1n << 60n) + 1n], ret: -22 },
    "writev(1, 0x1000, 1152921504606846977) = -1 EINVAL (Invalid argument)",
  );
});

test("sigaction: sets of signals, and the restorer where there is one", () => {
  const memory = { 4096: u64(1, 0x14000000, 0x5000, 0x4002) };
  expectLine(
    { nr: RT_SIGACTION, args: [10, 0x1000, 0, 8], ret: 0, memory },
    "rt_sigaction(SIGUSR1, {sa_handler=SIG_IGN, sa_mask=[INT TERM], sa_flags=SA_RESTORER|SA_RESTART, sa_restorer=0x5000}, NULL, 8) = 0",
  );
  const full = { 4096: u64(0, 0, 0, ~0x100n) };
  expectLine(
    { nr: RT_SIGACTION, args: [10, 0x1000, 0, 8], ret: 0, memory: full },
    "rt_sigaction(SIGUSR1, {sa_handler=SIG_DFL, sa_mask=~[KILL], sa_flags=0}, NULL, 8) = 0",
  );
});

test("execve: arguments, and how many variables there are", () => {
  const memory = {
    4096: "/bin/ls\0-l\0",
    8192: u64(0x1000, 0x1008, 0),
    12288: u64(0x1000, 0),
  };
  const call = { nr: EXECVE, args: [0x1000, 0x2000, 0x3000], ret: 0, memory };
  expectLine(call, 'execve("/bin/ls", ["/bin/ls", "-l"], 0x3000 /* 1 var */) = 0');
  expectLine(
    { ...call, options: { abbreviate: false } },
    'execve("/bin/ls", ["/bin/ls", "-l"], ["/bin/ls"]) = 0',
  );
});

test("fcntl: the third parameter by the command", () => {
  expectLine({ nr: FCNTL, args: [3, 1], ret: 1 }, "fcntl(3, F_GETFD) = 0x1 (flags FD_CLOEXEC)");
  expectLine({ nr: FCNTL, args: [3, 0, 9], ret: 9 }, "fcntl(3, F_DUPFD, 9) = 9");
  const lock = Buffer.concat([Uint8Array.of(1, 0, 2, 0, 0, 0, 0, 0), u64(-4, 9), u32(7)]);
  expectLine(
    { nr: FCNTL, args: [3, 5, 0x1000], ret: 0, memory: { 4096: lock } },
    "fcntl(3, F_GETLK, {l_type=F_WRLCK, l_whence=SEEK_END, l_start=-4, l_len=9, l_pid=7}) = 0",
  );
});

test("getdents64: how many entries, with -v what they are; a length of none ends them", () => {
  const entry = Buffer.concat([u64(7, 9), Uint8Array.of(24, 0, 8, 97, 0, 0, 0, 0)]);
  const call = {
    nr: GETDENTS64,
    args: [3, 0x1000, 100],
    memory: { 4096: Buffer.concat([entry, entry]) },
  };
  expectLine({ ...call, ret: 48 }, "getdents64(3, 0x1000 /* 2 entries */, 100) = 48");
  expectLine(
    { ...call, ret: 24, options: { abbreviate: false } },
    'getdents64(3, [{d_ino=7, d_off=9, d_reclen=24, d_type=DT_REG, d_name="a"}], 100) = 24',
  );
  const broken = Buffer.concat([entry, u64(0, 0, 0)]);
  expectLine(
    { ...call, ret: 48, memory: { 4096: broken } },
    "getdents64(3, 0x1000 /* 1 entries */, 100) = 48",
  );
});

test("clone3: what the call has put where the struct said", () => {
  const args = u64(0x100000, 0, 0, 0x2000, 17, 0x7000, 0x100, 0);
  const call = { nr: CLONE3, args: [0x1000, 64], memory: { 4096: args, 8192: u32(0) } };
  const entry =
    "clone3({flags=CLONE_PARENT_SETTID, parent_tid=0x2000, exit_signal=SIGCHLD, stack=0x7000, stack_size=0x100}";
  expectLine(
    { ...call, ret: 77, after: { 4096: args, 8192: u32(77) } },
    `${entry} => {parent_tid=[77]}, 64) = 77`,
  );
  expectLine({ ...call, ret: -11 }, `${entry}, 64) = -1 EAGAIN (Resource temporarily unavailable)`);
});

test("i386: pointers and structs are those of its ABI", () => {
  const READV = 145;
  expectLine(
    {
      abi: "i386",
      nr: READV,
      args: [0, 0x1000, 1],
      ret: 2,
      memory: { 4096: u32(0x2000, 5), 8192: "ab" },
    },
    'readv(0, [{iov_base="ab", iov_len=5}], 1) = 2',
  );
  const GETRLIMIT = 76;
  expectLine(
    {
      abi: "i386",
      nr: GETRLIMIT,
      args: [3, 0x1000],
      ret: 0,
      memory: { 4096: u32(8388608, 0xffffffff) },
    },
    "getrlimit(RLIMIT_STACK, {rlim_cur=8192*1024, rlim_max=RLIM_INFINITY}) = 0",
  );
});

test("msgsnd, shmctl: a message by its size, a struct once the call has filled it", () => {
  const MSGSND = 69;
  const message = Buffer.concat([u64(7), Buffer.from("abcd")]);
  expectLine(
    { nr: MSGSND, args: [1, 0x1000, 3, 0], ret: 0, memory: { 4096: message } },
    'msgsnd(1, {mtype=7, mtext="abc"}, 3, 0) = 0',
  );
  expectLine({ nr: MSGSND, args: [1, 0x1000, 3, 0], ret: 0 }, "msgsnd(1, 0x1000, 3, 0) = 0");
  const SHMCTL = 31;
  const limits = { nr: SHMCTL, args: [0, 3, 0x1000], memory: { 4096: u64(5, 1, 4096, 7, 9) } };
  const text = "{shmmax=5, shmmin=1, shmmni=4096, shmseg=7, shmall=9}";
  expectLine({ ...limits, ret: 2 }, `shmctl(0, IPC_INFO, ${text}) = 2`);
  expectLine({ ...limits, ret: -22 }, "shmctl(0, IPC_INFO, 0x1000) = -1 EINVAL (Invalid argument)");
});

test("shmget: a mode is in octal beside flags, whatever -X says", () => {
  const SHMGET = 29;
  const call = { nr: SHMGET, args: [1, 2, 0o1600], ret: 3 };
  expectLine({ ...call, options: { constants: "raw" } }, "shmget(0x1, 2, 0x200|0600) = 3");
  expectLine(
    { ...call, options: { constants: "verbose" } },
    "shmget(0x1, 2, 0x200 /* IPC_CREAT */|0600) = 3",
  );
});

test("any numbers and any memory give a line, for every call", () => {
  let seed = 1n;
  const random = (): bigint => {
    seed = BigInt.asUintN(64, seed * 6364136223846793005n + 1442695040888963407n);
    return seed;
  };
  const bytes = Uint8Array.from({ length: 4096 }, () => Number(random() >> 56n));
  const memory = { 4096: bytes };
  for (const abi of ["x86_64", "i386"] as const) {
    for (let nr = 0; nr < 470; nr += 1) {
      const args = Array.from({ length: 6 }, () =>
        random() % 3n === 0n ? random() : 0x1000n + (random() >> 52n),
      );
      const ret = random() % 2n === 0n ? random() >> 50n : -(random() >> 54n) - 1n;
      const line = printCall({ abi, nr, args, ret, memory });
      assert.match(line, /^\w+\(.*\) = \S/s);
    }
  }
});
