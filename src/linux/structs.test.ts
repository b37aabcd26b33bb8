import assert from "node:assert/strict";
import { test } from "node:test";
import { layouts } from "./struct-layouts.ts";
import { listStructFields, structField } from "./structs.ts";

// offsets that a C compiler gives: field, x86_64, i386
const offsets: readonly (readonly [string, string, number, number])[] = [
  ["sockaddr", "sin_port", 2, 2],
  ["sockaddr", "sin_addr", 4, 4],
  ["sockaddr", "sin6_addr", 8, 8],
  ["sockaddr", "sin6_scope_id", 24, 24],
  ["sockaddr", "sun_path", 2, 2],
  ["user_msghdr", "msg_iov", 16, 8],
  ["user_msghdr", "msg_flags", 48, 24],
  ["mmsghdr", "msg_len", 56, 28],
  ["iovec", "iov_len", 8, 4],
  ["stat", "st_mode", 24, 8],
  ["stat", "st_uid", 28, 12],
  ["stat", "st_size", 48, 20],
  ["statx", "stx_mode", 28, 28],
  ["statx", "st_mode", 28, 28],
  ["statx", "stx_mtime.tv_sec", 112, 112],
  ["open_how", "resolve", 16, 16],
  ["clone_args", "tls", 56, 56],
  ["epoll_event", "data", 4, 4],
  ["sigaction", "sa_mask", 24, 12],
  ["siginfo", "si_pid", 16, 12],
  ["rlimit", "rlim_max", 8, 4],
  ["__kernel_timespec", "tv_nsec", 8, 8],
  ["io_uring_params", "wq_fd", 24, 24],
  ["bpf_attr.prog_load", "prog_name", 48, 48],
  ["flock", "l_len", 16, 8],
  ["flock64", "l_len", 16, 12],
  ["flock64", "l_pid", 24, 20],
  ["termios2", "c_ospeed", 40, 40],
  ["ifreq", "ifr_mtu", 16, 16],
  ["ifconf", "ifc_buf", 8, 4],
  ["loop_info64", "lo_crypt_name", 120, 120],
  ["loop_config", "info.lo_flags", 60, 60],
  ["sock_fprog", "filter", 8, 4],
  ["rtc_time", "tm_isdst", 32, 32],
  ["if_nextdqblk", "dqb_id", 68, 68],
  ["msqid64_ds", "msg_perm.seq", 24, 24],
  ["msqid64_ds", "msg_qbytes", 88, 68],
  ["shmid64_ds", "shm_nattch", 88, 72],
  ["semid64_ds", "sem_nsems", 80, 52],
  ["bpf_attr.batch", "batch.flags", 48, 48],
  ["bpf_attr.test", "test.cpu", 68, 68],
  ["bpf_attr.link_create", "link_create.target_btf_id", 16, 16],
  ["new_utsname", "machine", 260, 260],
];
for (const [struct, field, x86_64, i386] of offsets) {
  test(`structField() places ${struct}.${field}`, () => {
    assert.equal(structField(struct, field, "x86_64")?.offset, x86_64);
    assert.equal(structField(struct, field, "i386")?.offset, i386);
  });
}

test("structField() shows ports in host order and text in place", () => {
  const port = structField("sockaddr", "sin_port", "x86_64");
  assert.deepEqual(port, {
    offset: 2,
    type: { c: "be16", kind: "int", size: 2, signed: false },
    bigEndian: true,
  });
  const path = structField("sockaddr", "sun_path", "x86_64");
  assert.deepEqual(path?.type, { c: "char[108]", kind: "string", size: 1, signed: false });
});

test("structField() does not know what is not there", () => {
  assert.equal(structField("sockaddr", "sin_prot", "x86_64"), undefined);
  assert.equal(structField("toString", "length", "x86_64"), undefined);
  assert.deepEqual(listStructFields("nothing"), []);
});

test("listStructFields() gives names for every struct", () => {
  for (const struct of Object.keys(layouts)) {
    if (struct.includes("/")) continue;
    assert.ok(listStructFields(struct).length > 0, struct);
    for (const field of listStructFields(struct)) {
      assert.ok(structField(struct, field, "i386"), `${struct}.${field} on i386`);
    }
  }
});
