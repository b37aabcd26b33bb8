import assert from "node:assert/strict";
import { test } from "node:test";
import type { Abi, ParamType, Presentation } from "../language/vocabulary.ts";
import { listRows } from "./call/rows.ts";
import { findCall, listCallNames } from "./calls.ts";
import { vocabulary } from "./vocabulary.ts";

function present(name: string): readonly Presentation[] {
  return vocabulary.presentations(name, "variants") ?? [];
}

function expectCovers(name: string, calls: string): void {
  const covered = new Set(present(name).map(({ call }) => call));
  for (const call of calls.split(" ")) {
    assert.ok(covered.has(call), `${name} covers ${call}`);
    for (const abi of ["x86_64", "i386"] as const) {
      if (findCall(call, abi) === undefined) continue;
      const found = present(name).some((one) => one.call === call && one.abi === abi);
      assert.ok(found, `${name} covers ${call} on ${abi}`);
    }
  }
}

function expectGuard(
  name: string,
  call: string,
  abi: Abi,
  guards: readonly (readonly [bigint, bigint])[],
): void {
  const found = present(name).find((one) => one.call === call && one.abi === abi);
  assert.deepEqual(
    found?.guards.map(({ mask, value }) => [mask, value]),
    guards,
    `${name} as ${call}`,
  );
}

// the table of the language's definition, row by row
const rows: readonly (readonly [string, string])[] = [
  ["open", "open openat openat2 creat open_by_handle_at"],
  ["unlink", "unlink unlinkat"],
  ["rmdir", "rmdir unlinkat"],
  ["rename", "rename renameat renameat2"],
  ["link", "link linkat"],
  ["symlink", "symlink symlinkat"],
  ["mkdir", "mkdir mkdirat"],
  ["mknod", "mknod mknodat"],
  ["readlink", "readlink readlinkat"],
  ["chmod", "chmod fchmodat fchmodat2"],
  ["chown", "chown lchown fchownat chown32 lchown32"],
  ["access", "access faccessat faccessat2"],
  ["stat", "stat newfstatat statx stat64 fstatat64"],
  ["lstat", "lstat newfstatat statx lstat64 fstatat64"],
  ["execve", "execve execveat"],
  ["fork", "fork vfork clone clone3"],
  ["kill", "kill tkill tgkill rt_sigqueueinfo pidfd_send_signal"],
  ["utime", "utime utimes utimensat futimesat"],
  ["accept", "accept accept4"],
  ["pipe", "pipe pipe2"],
  ["dup2", "dup2 dup3"],
  ["epoll_create", "epoll_create epoll_create1"],
  ["eventfd", "eventfd eventfd2"],
  ["signalfd", "signalfd signalfd4"],
  ["inotify_init", "inotify_init inotify_init1"],
  ["read", "read readv pread64 preadv preadv2"],
  ["write", "write writev pwrite64 pwritev pwritev2"],
];
for (const [name, calls] of rows) {
  test(`presentations() of ${name} cover what the language promises`, () =>
    expectCovers(name, calls));
}

test("presentations() of fchmod and fchown are their own", () => {
  assert.deepEqual([...new Set(present("fchmod").map(({ call }) => call))], ["fchmod"]);
  assert.deepEqual([...new Set(present("fchown").map(({ call }) => call))], ["fchown", "fchown32"]);
  assert.ok(!present("chown").some(({ call }) => call.startsWith("fchown") && call !== "fchownat"));
});

test("presentations() divide unlinkat, stat and clone by their flags", () => {
  expectGuard("unlink", "unlinkat", "x86_64", [[0x200n, 0n]]);
  expectGuard("rmdir", "unlinkat", "i386", [[0x200n, 0x200n]]);
  expectGuard("stat", "statx", "x86_64", [[0x100n, 0n]]);
  expectGuard("lstat", "fstatat64", "i386", [[0x100n, 0x100n]]);
  expectGuard("fork", "clone", "x86_64", [[0x10000n, 0n]]);
  expectGuard("fork", "clone3", "i386", [[0x10000n, 0n]]);
  expectGuard("connect", "socketcall", "i386", [[0xffffffffn, 3n]]);
  expectGuard("semop", "ipc", "i386", [[0xffffn, 1n]]);
});

test("presentations() show every call that socketcall and ipc multiplex", () => {
  const multiplexed = (call: string) =>
    listCallNames().filter((name) =>
      present(name).some((one) => one.call === call && one.as !== call),
    );
  assert.deepEqual(
    multiplexed("socketcall").toSorted().join(" "),
    `accept accept4 bind connect getpeername getsockname getsockopt listen recvfrom recvmmsg recvmmsg_time64
      recvmsg sendmmsg sendmsg sendto setsockopt shutdown socket socketpair`.replace(/\s+/g, " "),
  );
  assert.deepEqual(
    multiplexed("ipc").toSorted().join(" "),
    `msgctl msgget msgrcv msgsnd semctl semget semop semtimedop semtimedop_time64 shmat shmctl shmdt shmget`,
  );
});

test("presentations() keep the parameters of the name and fit the real call", () => {
  for (const name of listCallNames()) {
    const [prototype, ...rest] = present(name);
    for (const one of rest) {
      const where = `${name} as ${one.abi} ${one.call}`;
      const real = findCall(one.call, one.abi);
      assert.equal(real?.nr, one.nr, where);
      assert.deepEqual(
        one.params.map((param) => [param.name, param.type.kind]),
        prototype?.params.map((param) => [param.name, param.type.kind]),
        where,
      );
      for (const { source, type } of one.params) {
        if (source.kind === "memory") {
          assert.ok(real.params[source.pointerArg]?.type.kind !== "int", where);
          if (source.isTimespec !== true) assert.equal(type.size, source.size, where);
        }
        if (source.kind !== "arg") continue;
        const actual: ParamType | undefined = real.params[source.index]?.type;
        assert.ok(actual !== undefined, where);
        assert.equal(type.size, actual.size, where);
        if (isMultiplexer(one.call)) continue;
        const isPointer = type.kind !== "int";
        assert.equal(actual.kind !== "int", isPointer, `${where}: number or pointer`);
        if (type.kind === "path") assert.equal(actual.kind, "path", where);
      }
      for (const { mask, value } of one.guards) assert.equal(mask & value, value, where);
    }
  }
});

/** Its parameters mean another thing in each of its calls. */
function isMultiplexer(call: string): boolean {
  return call === "ipc" || call === "socketcall";
}

test("variants and twins name only what exists", () => {
  for (const [name, { variants = [], twins = [] }] of listRows()) {
    assert.ok(present(name).length > 0, name);
    for (const { call, abi, params } of [...variants, ...twins]) {
      assert.ok(findCall(call, abi ?? "x86_64") ?? findCall(call, "i386"), `${name}: ${call}`);
      assert.ok(params.length <= (present(name)[0]?.params.length ?? 0), `${name}: ${call}`);
    }
  }
});

test("presentations() report where a path begins and whether a link at its end is followed", () => {
  const [, , unlinkat] = present("unlink");
  assert.deepEqual(unlinkat?.params[0]?.dirfd, { kind: "arg", index: 0 });
  assert.deepEqual(unlinkat?.params[0]?.nofollow, []);
  const openat2 = present("open").find(({ call }) => call === "openat2");
  assert.deepEqual(openat2?.params[0]?.nofollow?.[0], {
    source: { kind: "memory", pointerArg: 2, offset: 0, size: 8 },
    mask: 0o400000n,
    value: 0o400000n,
  });
  assert.equal(present("chdir")[0]?.params[0]?.nofollow, undefined);
});

test("presentations() report where an empty name is the descriptor itself", () => {
  const fstatat = present("stat").find(({ call }) => call === "newfstatat");
  const [atFlag] = fstatat?.params[0]?.mayBeEmpty ?? [];
  assert.deepEqual(atFlag, { source: { kind: "arg", index: 3 }, mask: 0x1000n, value: 0x1000n });
  assert.equal(present("open")[0]?.params[0]?.mayBeEmpty, undefined);
});

test("presentations() with exact are the call itself on both ABIs", () => {
  const exact = vocabulary.presentations("unlink", "exact");
  assert.deepEqual(
    exact?.map(({ call, abi }) => `${abi} ${call}`),
    ["x86_64 unlink", "i386 unlink"],
  );
});

test("presentations() of i386 names stand for the calls of today", () => {
  expectCovers("stat64", "stat64 stat newfstatat statx");
  expectCovers("mmap2", "mmap2 mmap");
  expectCovers("waitpid", "waitpid wait4");
  expectCovers("umount", "umount umount2");
});
