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
  // bits that the call does not look at are shown, as strace does; of a short they are 16
  ["mode", 0o100600n, "0100600"],
  ["mode", 0o177777n, "0177777"],
  ["mode", -1n, "0177777"],
  ["file_mode", 0o100600n, "S_IFREG|0600"],
  ["file_mode", 0o24750n, "S_IFCHR|S_ISUID|0750"],
  ["file_mode", 0o644n, "0644"],
  ["file_mode", 0o170000n, "0170000"],
  ["dup_flags", 0o2000000n, "O_CLOEXEC"],
  ["dup_flags", 0n, "0"],
  ["pipe_flags", 0o2004000n, "O_NONBLOCK|O_CLOEXEC"],
  ["delete_module_flags", 0o5000n, "O_NONBLOCK|O_TRUNC"],
  ["delete_module_flags", 0n, "0"],
  ["reboot_cmd", 0xcdef0123n, "LINUX_REBOOT_CMD_HALT"],
  // an int, and the constant has all 32 bits
  ["reboot_magic", BigInt.asIntN(32, 0xfee1deadn), "LINUX_REBOOT_MAGIC1"],
  ["ioctl_cmd", 0x80045430n, "TIOCGPTN"],
  ["ioctl_cmd", 0x1234n, "0x1234"],
  ["mmap_flags", 0x54040022n, "MAP_PRIVATE|MAP_ANONYMOUS|MAP_HUGETLB|21<<MAP_HUGE_SHIFT"],
  ["shmget_flags", 0o1600n, "IPC_CREAT|0600"],
  ["shm_cmd", 11n, "SHM_LOCK"],
  ["shm_cmd", 0x100n, "IPC_64|IPC_RMID"],
  ["sem_cmd", 11n, "GETPID"],
  ["message_cmd", 11n, "MSG_STAT"],
  ["futex_op", 0x81n, "FUTEX_WAKE_PRIVATE"],
  ["futex_op", 0x109n, "FUTEX_WAIT_BITSET|FUTEX_CLOCK_REALTIME"],
  ["ipccall", 0x10015n, "SHMAT|0x10000"],
  ["ioprio", 0x4004n, "IOPRIO_PRIO_VALUE(IOPRIO_CLASS_BE, 4)"],
  ["quotactl", 0x80000701n, "QCMD(Q_GETQUOTA, GRPQUOTA)"],
  ["personality", 0xffffffffn, "0xffffffff"],
  ["personality", 0x40008n, "PER_LINUX32|ADDR_NO_RANDOMIZE"],
  ["network_protocol", 0x300n, "htons(ETH_P_ALL)"],
  ["key_serial", -2n, "KEY_SPEC_PROCESS_KEYRING"],
  ["key_serial", 7n, undefined],
  ["hex", -1n, "0xffffffff"],
  ["address", 0n, "NULL"],
  ["uid", 0xffffffffn, "-1"],
  ["uid", 1000n, undefined],
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
  ["device", 0n, "makedev(0, 0)"],
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
