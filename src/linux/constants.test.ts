import assert from "node:assert/strict";
import { test } from "node:test";
import {
  errnoNameOf,
  errnoOf,
  findConstant,
  listConstantNames,
  listConstantsOf,
} from "./constants.ts";

const values: Readonly<Record<string, bigint>> = {
  O_RDONLY: 0n,
  O_CREAT: 0o100n,
  O_CLOEXEC: 0o2000000n,
  AT_FDCWD: -100n,
  AT_REMOVEDIR: 0x200n,
  S_ISUID: 0o4000n,
  S_IFMT: 0o170000n,
  SIGKILL: 9n,
  AF_INET: 2n,
  AF_UNIX: 1n,
  SOCK_STREAM: 1n,
  SOCK_NONBLOCK: 0o4000n,
  IPPROTO_TCP: 6n,
  PTRACE_ATTACH: 16n,
  CLONE_NEWUSER: 0x10000000n,
  CLONE_INTO_CGROUP: 0x200000000n,
  EPERM: 1n,
  PROT_EXEC: 4n,
  MAP_ANONYMOUS: 0x20n,
  MAP_ANON: 0x20n,
  MS_BIND: 4096n,
  MNT_DETACH: 2n,
  SEEK_END: 2n,
  F_SETFL: 4n,
  PR_SET_NAME: 15n,
  SO_REUSEADDR: 2n,
  SOL_SOCKET: 1n,
  MSG_NOSIGNAL: 0x4000n,
  RENAME_EXCHANGE: 2n,
  EPOLLIN: 1n,
  EPOLLET: 0x80000000n,
  FUTEX_WAIT: 0n,
  SYS_CONNECT: 3n,
  MFD_CLOEXEC: 1n,
  CAP_SYS_ADMIN: 21n,
  TIOCSTI: 0x5412n,
  BPF_PROG_LOAD: 5n,
  W_OK: 2n,
  WNOHANG: 1n,
  LOCK_EX: 2n,
  STDERR_FILENO: 2n,
};
for (const [name, value] of Object.entries(values)) {
  test(`findConstant() has ${name}`, () => assert.equal(findConstant(name), value));
}

test("findConstant() takes whole names only", () => {
  for (const name of ["", "O_", "RDONLY", "O_RDONLY 0", "asm/errno.h", "[asm/errno.h]"]) {
    assert.equal(findConstant(name), undefined, name);
  }
});

test("listConstantNames() has no name twice and each has a value", () => {
  const names = [...listConstantNames()];
  assert.equal(new Set(names).size, names.length);
  for (const name of names) assert.equal(typeof findConstant(name), "bigint", name);
});

test("errnoOf() and errnoNameOf() go both ways", () => {
  for (const name of listConstantsOf("asm/errno.h")) {
    const number = errnoOf(name) ?? 0;
    assert.equal(errnoOf(errnoNameOf(number) ?? ""), number, name);
  }
  assert.equal(errnoNameOf(11), "EAGAIN");
  assert.equal(errnoNameOf(35), "EDEADLK");
  assert.equal(errnoNameOf(95), "EOPNOTSUPP");
  assert.equal(errnoNameOf(513), "ERESTARTNOINTR");
  assert.equal(errnoOf("ENOTHING"), undefined);
  assert.equal(errnoNameOf(4000), undefined);
});
