import assert from "node:assert/strict";
import { test } from "node:test";
import { findConstant } from "./constants.ts";
import { symbolSets } from "./symbol-sets.ts";
import { formatSymbol } from "./symbols.ts";

const shown: readonly (readonly [string, bigint, string | undefined])[] = [
  ["open_flags", 0n, "O_RDONLY"],
  ["open_flags", 0o2000101n, "O_WRONLY|O_CREAT|O_CLOEXEC"],
  ["open_flags", 0o20200002n, "O_RDWR|O_TMPFILE"],
  ["open_flags", 0x40000000n, "O_RDONLY|0x40000000"],
  ["mode", 0o644n, "0644"],
  ["mode", 0o4755n, "04755"],
  ["mode", 0o100600n, "S_IFREG|0600"],
  ["mode", 0n, "000"],
  ["dirfd", -100n, "AT_FDCWD"],
  ["dirfd", 3n, undefined],
  ["signal", 9n, "SIGKILL"],
  ["signal", 34n, "SIGRT_2"],
  ["signal", 0n, undefined],
  ["at_flags", 0n, "0"],
  ["at_flags", 0x1100n, "AT_SYMLINK_NOFOLLOW|AT_EMPTY_PATH"],
  ["mmap_prot", 0n, "PROT_NONE"],
  ["mmap_prot", 5n, "PROT_READ|PROT_EXEC"],
  ["mmap_flags", 0x22n, "MAP_PRIVATE|MAP_ANONYMOUS"],
  ["socket_type", 0o2000001n, "SOCK_STREAM|SOCK_CLOEXEC"],
  ["clone_flags", 0x1200011n, "CLONE_CHILD_CLEARTID|CLONE_CHILD_SETTID|SIGCHLD"],
  ["access_mode", 0n, "F_OK"],
  ["access_mode", 6n, "R_OK|W_OK"],
  ["address_family", 2n, "AF_INET"],
  ["ptrace_request", 16n, "PTRACE_ATTACH"],
  ["fcntl_cmd", 1030n, "F_DUPFD_CLOEXEC"],
  ["fcntl_cmd", 1n, "F_GETFD"],
  ["bpf_cmd", 5n, "BPF_PROG_LOAD"],
  ["device", 0x801n, "makedev(0x8, 0x1)"],
  ["fd", 3n, undefined],
];
for (const [semantic, value, text] of shown) {
  test(`formatSymbol() shows ${semantic} ${value} as ${text}`, () => {
    assert.equal(formatSymbol(semantic, value), text);
  });
}

test("symbol sets name constants that exist", () => {
  for (const [semantic, make] of Object.entries(symbolSets)) {
    const { choices = [], flags = [] } = make();
    assert.ok(choices.length + flags.length > 0, semantic);
    for (const name of [...choices, ...flags]) assert.ok(findConstant(name) !== undefined, name);
  }
});
