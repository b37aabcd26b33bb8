/**
 * Which real calls a name stands for, and how their parameters show as the name's own.
 *
 * A name covers its variants and, on i386, the twins of itself and of its variants. Where i386 passes a 64-bit
 * number in two registers, the low word is presented. Vectors (readv, writev) are presented as the one buffer that
 * all their elements make.
 */
import { table } from "../base/table.ts";
import {
  clear,
  i386,
  iovecs,
  memory,
  milliseconds,
  none,
  set,
  type Variant,
  via,
  x86_64,
} from "./variant-notation.ts";

const cloneFlags = memory("uargs", 0, 8);
const vector64 = iovecs("vec", "vlen", 8);
const vector32 = iovecs("vec", "vlen", 4);

/** Other ways to the same effect. */
export const variants = table<readonly Variant[]>({
  open: [
    via("openat", ["filename", "flags", "mode"]),
    via("openat2", ["filename", memory("how", 0, 8), memory("how", 8, 8)]),
    via("creat", ["pathname", { constant: "O_CREAT|O_WRONLY|O_TRUNC" }, "mode"]),
    via("open_by_handle_at", [null, "flags", 0n]),
  ],
  openat: [via("openat2", ["dfd", "filename", memory("how", 0, 8), memory("how", 8, 8)])],
  unlink: [via("unlinkat", ["pathname"], clear("flag", "AT_REMOVEDIR"))],
  rmdir: [via("unlinkat", ["pathname"], set("flag", "AT_REMOVEDIR"))],
  rename: [via("renameat", ["oldname", "newname"]), via("renameat2", ["oldname", "newname"])],
  renameat: [via("renameat2", ["olddfd", "oldname", "newdfd", "newname"])],
  link: [via("linkat", ["oldname", "newname"])],
  symlink: [via("symlinkat", ["oldname", "newname"])],
  mkdir: [via("mkdirat", ["pathname", "mode"])],
  mknod: [via("mknodat", ["filename", "mode", "dev"])],
  readlink: [via("readlinkat", ["pathname", "buf", "bufsiz"])],
  chmod: [via("fchmodat", ["filename", "mode"]), via("fchmodat2", ["filename", "mode"])],
  fchmodat: [via("fchmodat2", ["dfd", "filename", "mode"])],
  chown: [
    via("lchown", ["filename", "user", "group"]),
    via("fchownat", ["filename", "user", "group"]),
  ],
  lchown: [via("fchownat", ["filename", "user", "group"], set("flag", "AT_SYMLINK_NOFOLLOW"))],
  access: [via("faccessat", ["filename", "mode"]), via("faccessat2", ["filename", "mode"])],
  faccessat: [via("faccessat2", ["dfd", "filename", "mode"])],
  stat: [
    via("newfstatat", ["filename", "statbuf"], clear("flag", "AT_SYMLINK_NOFOLLOW")),
    via("statx", ["filename", "buffer"], clear("flags", "AT_SYMLINK_NOFOLLOW")),
  ],
  lstat: [
    via("newfstatat", ["filename", "statbuf"], set("flag", "AT_SYMLINK_NOFOLLOW")),
    via("statx", ["filename", "buffer"], set("flags", "AT_SYMLINK_NOFOLLOW")),
  ],
  newfstatat: [via("statx", ["dfd", "filename", "buffer", "flags"])],
  execve: [via("execveat", ["filename", "argv", "envp"])],
  fork: [
    via("vfork", []),
    via("clone", [], clear("clone_flags", "CLONE_THREAD")),
    via("clone3", [], clear(cloneFlags, "CLONE_THREAD")),
  ],
  clone: [
    via("clone3", [
      cloneFlags,
      memory("uargs", 40, 8),
      memory("uargs", 24, 8),
      memory("uargs", 16, 8),
      memory("uargs", 56, 8),
    ]),
  ],
  kill: [
    via("tkill", ["pid", "sig"]),
    via("tgkill", ["tgid", "sig"]),
    via("rt_sigqueueinfo", ["pid", "sig"]),
    via("rt_tgsigqueueinfo", ["tgid", "sig"]),
    via("pidfd_send_signal", [{ process: "pidfd" }, "sig"]),
  ],
  tkill: [via("tgkill", ["pid", "sig"])],
  utime: [
    via("utimes", ["filename", "utimes"]),
    via("utimensat", ["filename", "utimes"]),
    via("futimesat", ["filename", "utimes"]),
  ],
  accept: [via("accept4", ["fd", "upeer_sockaddr", "upeer_addrlen"])],
  pipe: [via("pipe2", ["fildes"])],
  dup2: [via("dup3", ["oldfd", "newfd"])],
  // any size but 0 has meant the same since Linux 2.6.8
  epoll_create: [via("epoll_create1", [1n])],
  eventfd: [via("eventfd2", ["count"])],
  signalfd: [via("signalfd4", ["ufd", "user_mask", "sizemask"])],
  inotify_init: [via("inotify_init1", [])],
  read: [
    via("pread64", ["fd", "buf", "count"]),
    x86_64("readv", ["fd", ...vector64]),
    x86_64("preadv", ["fd", ...vector64]),
    x86_64("preadv2", ["fd", ...vector64]),
    i386("readv", ["fd", ...vector32]),
    i386("preadv", ["fd", ...vector32]),
    i386("preadv2", ["fd", ...vector32]),
  ],
  write: [
    via("pwrite64", ["fd", "buf", "count"]),
    x86_64("writev", ["fd", ...vector64]),
    x86_64("pwritev", ["fd", ...vector64]),
    x86_64("pwritev2", ["fd", ...vector64]),
    i386("writev", ["fd", ...vector32]),
    i386("pwritev", ["fd", ...vector32]),
    i386("pwritev2", ["fd", ...vector32]),
  ],
  readv: [via("preadv", ["fd", "vec", "vlen"]), via("preadv2", ["fd", "vec", "vlen"])],
  writev: [via("pwritev", ["fd", "vec", "vlen"]), via("pwritev2", ["fd", "vec", "vlen"])],
  preadv: [via("preadv2", ["fd", "vec", "vlen", "pos_l", "pos_h"])],
  pwritev: [via("pwritev2", ["fd", "vec", "vlen", "pos_l", "pos_h"])],
  select: [via("pselect6", ["n", "inp", "outp", "exp", "tsp"])],
  poll: [
    x86_64("ppoll", ["ufds", "nfds", milliseconds("tsp", 8)]),
    i386("ppoll", ["ufds", "nfds", milliseconds("tsp", 4)]),
  ],
  epoll_wait: [
    via("epoll_pwait", ["epfd", "events", "maxevents", "timeout"]),
    via("epoll_pwait2", ["epfd", "events", "maxevents", milliseconds("timeout", 8)]),
  ],
  epoll_pwait: [
    via("epoll_pwait2", [
      ...["epfd", "events", "maxevents"],
      milliseconds("timeout", 8),
      ...["sigmask", "sigsetsize"],
    ]),
  ],
  getdents: [via("getdents64", ["fd", "dirent", "count"])],
  mlock: [via("mlock2", ["start", "len"])],
  mprotect: [via("pkey_mprotect", ["start", "len", "prot"])],
  semop: [via("semtimedop", ["semid", "tsops", "nsops"])],
  setrlimit: [via("prlimit64", ["resource", "new_rlim"], none("old_rlim"))],
  getrlimit: [via("prlimit64", ["resource", "old_rlim"], none("new_rlim"))],
  setxattr: [via("setxattrat", setxattrAt(), clear("at_flags", "AT_SYMLINK_NOFOLLOW"))],
  lsetxattr: [via("setxattrat", setxattrAt(), set("at_flags", "AT_SYMLINK_NOFOLLOW"))],
  getxattr: [via("getxattrat", getxattrAt(), clear("at_flags", "AT_SYMLINK_NOFOLLOW"))],
  lgetxattr: [via("getxattrat", getxattrAt(), set("at_flags", "AT_SYMLINK_NOFOLLOW"))],
  listxattr: [
    via("listxattrat", ["pathname", "list", "size"], clear("at_flags", "AT_SYMLINK_NOFOLLOW")),
  ],
  llistxattr: [
    via("listxattrat", ["pathname", "list", "size"], set("at_flags", "AT_SYMLINK_NOFOLLOW")),
  ],
  removexattr: [
    via("removexattrat", ["pathname", "name"], clear("at_flags", "AT_SYMLINK_NOFOLLOW")),
  ],
  lremovexattr: [
    via("removexattrat", ["pathname", "name"], set("at_flags", "AT_SYMLINK_NOFOLLOW")),
  ],
  init_module: [via("finit_module", [null, null, "uargs"])],
  kexec_load: [via("kexec_file_load", [null, null, null, "flags"])],
});

/** struct xattr_args: u64 value, u32 size, u32 flags. */
function setxattrAt() {
  return ["pathname", "name", memory("uargs", 0, 8), memory("uargs", 8, 4), memory("uargs", 12, 4)];
}

function getxattrAt() {
  return ["pathname", "name", memory("uargs", 0, 8), memory("uargs", 8, 4)];
}
