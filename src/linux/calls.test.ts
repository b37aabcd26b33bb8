import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";
import type { Abi } from "../language/vocabulary.ts";
import { callName, findCall, listCallNames } from "./calls.ts";

const HEADERS: Readonly<Record<Abi, string>> = {
  x86_64: "/usr/include/x86_64-linux-gnu/asm/unistd_64.h",
  i386: "/usr/include/x86_64-linux-gnu/asm/unistd_32.h",
};

function prototype(name: string, abi: Abi): string {
  const call = findCall(name, abi);
  const params = call?.params.map(({ name: param, type }) => `${type.c} ${param}`);
  return params === undefined ? "none" : `${call?.nr} (${params.join(", ")})`.replace(/\* /g, "*");
}

for (const abi of ["x86_64", "i386"] as const) {
  const header = HEADERS[abi];
  test(`findCall() has the numbers of ${abi}'s header`, { skip: !existsSync(header) }, () => {
    const text = readFileSync(header, "utf8");
    const numbers = [...text.matchAll(/^#define __NR_(\w+)\s+(\d+)$/gm)];
    assert.ok(numbers.length > 350);
    for (const [, name = "", nr] of numbers) {
      assert.equal(findCall(name, abi)?.nr, Number(nr), name);
      assert.equal(callName(Number(nr), abi), name);
    }
  });
}

test("findCall() can type every parameter of every call", () => {
  for (const name of listCallNames()) {
    for (const abi of ["x86_64", "i386"] as const) {
      const params = findCall(name, abi)?.params ?? [];
      assert.ok(params.length <= 6, name);
      for (const { name: param, type } of params) {
        assert.match(param, /^\w+$/, name);
        if (type.kind !== "int") assert.equal(type.size, abi === "x86_64" ? 8 : 4);
        assert.ok(abi === "x86_64" || type.size <= 4, `${name} ${param}: wider than a register`);
        assert.ok((type.lengthParam ?? 1) > 0, `${name} ${param}: no such length`);
        // others lead to structs by command
        if (type.struct?.includes(".") !== true)
          assert.equal(type.struct !== undefined, type.kind === "struct");
      }
    }
  }
});

/** Numbers of calls that are gone, and of an emulator: nobody has names for them. */
const NAMELESS = new Set(["nfsservctl cmd", "vm86 cmd", "sysfs option", "query_module which"]);

test("findCall() knows what flags, modes and commands of every call are", () => {
  const word =
    /flags?$|flg$|mode$|^mask$|^(cmd|op|opcode|how|which|whence|prot|options?|advice|behavior|policy|type|request|oflag|call|rule_type|attr)$/;
  const unknown = listCallNames().flatMap((name) =>
    (["x86_64", "i386"] as const).flatMap((abi) =>
      (findCall(name, abi)?.params ?? [])
        .filter(({ name: param, type }) => type.kind === "int" && word.test(param))
        .filter(({ type }) => type.semantic === undefined)
        .map(({ name: param }) => `${name} ${param}`)
        .filter((text) => !NAMELESS.has(text)),
    ),
  );
  assert.deepEqual([...new Set(unknown)], []);
});

test("findCall() has flags of open for those calls only that open something", () => {
  const opening = listCallNames().filter((name) =>
    findCall(name, "x86_64")?.params.some(({ type }) => type.semantic === "open_flags"),
  );
  assert.deepEqual(opening, ["open", "mq_open", "openat", "fanotify_init", "open_by_handle_at"]);
});

test("findCall() names the kernel's functions", () => {
  assert.equal(findCall("stat", "x86_64")?.symbol, "__x64_sys_newstat");
  assert.equal(findCall("openat", "i386")?.symbol, "__ia32_compat_sys_openat");
  assert.equal(findCall("chown", "i386")?.symbol, "__ia32_sys_chown16");
  assert.equal(findCall("clone", "i386")?.symbol, "__ia32_compat_sys_ia32_clone");
  assert.equal(findCall("getsockopt", "i386")?.symbol, "__ia32_sys_getsockopt");
  assert.equal(findCall("tuxcall", "x86_64")?.symbol, undefined);
});

// checked by hand against section 2 of the manual
const prototypes: readonly (readonly [string, string, string])[] = [
  [
    "read",
    "0 (unsigned int fd, char *buf, size_t count)",
    "3 (unsigned int fd, char *buf, size_t count)",
  ],
  [
    "open",
    "2 (const char *filename, int flags, umode_t mode)",
    "5 (const char *filename, int flags, umode_t mode)",
  ],
  [
    "mmap",
    "9 (unsigned long addr, unsigned long len, unsigned long prot, unsigned long flags, unsigned long fd, unsigned long off)",
    "90 (struct mmap_arg_struct *arg)",
  ],
  [
    "pread64",
    "17 (unsigned int fd, char *buf, size_t count, loff_t pos)",
    "180 (unsigned int fd, char *buf, size_t count, u32 pos_lo, u32 pos_hi)",
  ],
  [
    "select",
    "23 (int n, fd_set *inp, fd_set *outp, fd_set *exp, struct __kernel_old_timeval *tvp)",
    "82 (struct sel_arg_struct *arg)",
  ],
  [
    "clone",
    "56 (unsigned long clone_flags, unsigned long newsp, int *parent_tidptr, int *child_tidptr, unsigned long tls)",
    "120 (unsigned long clone_flags, unsigned long newsp, int *parent_tidptr, unsigned long tls, int *child_tidptr)",
  ],
  [
    "execve",
    "59 (const char *filename, const char *const *argv, const char *const *envp)",
    "11 (const char *filename, const char *const *argv, const char *const *envp)",
  ],
  ["kill", "62 (pid_t pid, int sig)", "37 (pid_t pid, int sig)"],
  [
    "rename",
    "82 (const char *oldname, const char *newname)",
    "38 (const char *oldname, const char *newname)",
  ],
  [
    "chown",
    "92 (const char *filename, uid_t user, gid_t group)",
    "182 (const char *filename, old_uid_t user, old_gid_t group)",
  ],
  ["chown32", "none", "212 (const char *filename, uid_t user, gid_t group)"],
  ["getpid", "39 ()", "20 ()"],
  [
    "connect",
    "42 (int fd, struct sockaddr *uservaddr, int addrlen)",
    "362 (int fd, struct sockaddr *uservaddr, int addrlen)",
  ],
  ["accept", "43 (int fd, struct sockaddr *upeer_sockaddr, int *upeer_addrlen)", "none"],
  [
    "utimensat",
    "280 (int dfd, const char *filename, struct __kernel_timespec *utimes, int flags)",
    "320 (int dfd, const char *filename, struct old_timespec32 *utimes, int flags)",
  ],
  [
    "utimensat_time64",
    "none",
    "412 (int dfd, const char *filename, struct __kernel_timespec *utimes, int flags)",
  ],
  [
    "unlinkat",
    "263 (int dfd, const char *pathname, int flag)",
    "301 (int dfd, const char *pathname, int flag)",
  ],
  [
    "fadvise64",
    "221 (int fd, loff_t offset, size_t len, int advice)",
    "250 (int fd, unsigned int offset_lo, unsigned int offset_hi, size_t len, int advice)",
  ],
  [
    "renameat2",
    "316 (int olddfd, const char *oldname, int newdfd, const char *newname, unsigned int flags)",
    "353 (int olddfd, const char *oldname, int newdfd, const char *newname, unsigned int flags)",
  ],
  ["socketcall", "none", "102 (int call, unsigned long *args)"],
  [
    "openat2",
    "437 (int dfd, const char *filename, struct open_how *how, size_t usize)",
    "437 (int dfd, const char *filename, struct open_how *how, size_t usize)",
  ],
  ["setuid", "105 (uid_t uid)", "23 (old_uid_t uid)"],
  [
    "nanosleep",
    "35 (struct __kernel_timespec *rqtp, struct __kernel_timespec *rmtp)",
    "162 (struct old_timespec32 *rqtp, struct old_timespec32 *rmtp)",
  ],
];
for (const [name, x86_64, i386] of prototypes) {
  test(`findCall() has the prototype of ${name}`, () => {
    assert.equal(prototype(name, "x86_64"), x86_64);
    assert.equal(prototype(name, "i386"), i386);
  });
}
