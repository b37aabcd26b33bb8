/**
 * Operations of io_uring (include/uapi/linux/io_uring.h, IORING_OP_*, as of Linux 6.12) by the calls that they stand for. They pass
 * no entry of a call; some reach a security hook from io_uring_enter or from a worker thread of the process.
 */
import { table } from "../../base/table.ts";

/** What an operation that reaches a hook may be. */
export interface RingUse {
  readonly call: string;
  /** A register argument that guards of the call ask for. */
  readonly argument?: readonly [index: number, value: number];
  /** An argument of the hook must have a bit of the mask, or be the value under it. */
  readonly when?: { readonly at: number; readonly mask: number; readonly value?: number };
}

/** MAY_WRITE and MAY_READ of include/linux/fs.h. */
const MAY_WRITE = 2;
const MAY_READ = 4;

/** Of include/uapi/linux/stat.h. */
const S_IFMT = 0o170000;
const S_IFREG = 0o100000;
const S_IFSOCK = 0o140000;

/** The mode that path_mknod gets. */
function kindOfFile(value: number): NonNullable<RingUse["when"]> {
  return { at: 2, mask: S_IFMT, value };
}

const READS = ["read", "pread64", "readv", "preadv", "preadv2"];
const WRITES = ["write", "pwrite64", "writev", "pwritev", "pwritev2"];

export const RING_USES = table<readonly RingUse[]>({
  path_unlink: [{ call: "unlinkat" }],
  path_rmdir: [{ call: "unlinkat", argument: [2, 0x200] }],
  path_rename: [{ call: "renameat2" }],
  path_mkdir: [{ call: "mkdirat" }],
  path_symlink: [{ call: "symlinkat" }],
  path_link: [{ call: "linkat" }],
  file_open: [{ call: "openat" }],
  // who creates writes: O_CREAT | O_RDWR
  path_mknod: [
    { call: "openat", argument: [2, 0x42], when: kindOfFile(S_IFREG) },
    { call: "bind", when: kindOfFile(S_IFSOCK) },
  ],
  // a splice is a read and a write to it
  file_permission: [
    ...READS.map((call) => ({ call, when: { at: 1, mask: MAY_READ } })),
    ...WRITES.map((call) => ({ call, when: { at: 1, mask: MAY_WRITE } })),
  ],
  file_truncate: [{ call: "ftruncate" }],
  inode_getattr: [{ call: "statx" }],
  inode_setxattr: [{ call: "setxattr" }, { call: "fsetxattr" }],
  inode_getxattr: [{ call: "getxattr" }, { call: "fgetxattr" }],
  socket_connect: [{ call: "connect" }],
  socket_bind: [{ call: "bind" }],
  socket_listen: [{ call: "listen" }],
  socket_accept: [{ call: "accept4" }],
  socket_sendmsg: [{ call: "sendmsg" }, { call: "sendto" }],
  socket_recvmsg: [{ call: "recvmsg" }, { call: "recvfrom" }],
  unix_stream_connect: [{ call: "connect" }],
  unix_may_send: [{ call: "connect" }, { call: "sendmsg" }, { call: "sendto" }],
  socket_shutdown: [{ call: "shutdown" }],
  socket_getsockopt: [{ call: "getsockopt" }],
  socket_setsockopt: [{ call: "setsockopt" }],
  socket_create: [{ call: "socket" }],
});

/** Operations that reach no hook that distinguishes them from others. */
const UNSEEN =
  `fsync fdatasync sync_file_range fallocate fadvise64 fadvise64_64 madvise close splice tee epoll_ctl epoll_wait
  waitid futex pipe pipe2`.split(/\s+/);

/** Calls that do the same as another one, which stands for the operation. */
const SAME: Readonly<Record<string, string>> = {
  open: "openat",
  openat2: "openat",
  creat: "openat",
  unlink: "unlinkat",
  rmdir: "unlinkat",
  rename: "renameat2",
  renameat: "renameat2",
  mkdir: "mkdirat",
  symlink: "symlinkat",
  link: "linkat",
  stat: "statx",
  lstat: "statx",
  newfstatat: "statx",
  accept: "accept4",
  send: "sendto",
  recv: "recvfrom",
};

const OPERATIONS = new Map<string, string>([
  ...Object.values(RING_USES).flatMap((uses) =>
    uses.map(({ call }): [string, string] => [call, call]),
  ),
  ...UNSEEN.map((call): [string, string] => [call, call]),
  ...Object.entries(SAME),
]);

/** The call that stands for the operation which does what `call` does; undefined: there is none. */
export function ringOperation(call: string): string | undefined {
  return OPERATIONS.get(call);
}

/** Hooks that operations reach which stand for the call. */
export function ringHooksOf(call: string): string[] {
  return Object.entries(RING_USES).flatMap(([hook, uses]) =>
    uses.some((use) => use.call === call) ? [hook] : [],
  );
}
