/**
 * The same call under another number: on i386 most calls that grew got a second one (chown32, stat64 …), and
 * socketcall and ipc multiplex whole families. Rows whose call is the name itself say how i386's own differs.
 */
import { table } from "../base/table.ts";
import { i386, ipc, memory, socketcall, type Variant } from "./variant-notation.ts";

/** Of old_sigset_t. */
const OLD_SET_SIZE = 4n;

export const twins = table<readonly Variant[]>({
  // files
  stat: [i386("stat64", ["filename", "statbuf"]), i386("oldstat", ["filename", "statbuf"])],
  lstat: [i386("lstat64", ["filename", "statbuf"]), i386("oldlstat", ["filename", "statbuf"])],
  fstat: [i386("fstat64", ["fd", "statbuf"]), i386("oldfstat", ["fd", "statbuf"])],
  newfstatat: [i386("fstatat64", ["dfd", "filename", "statbuf", "flag"])],
  statfs: [i386("statfs64", ["pathname", "buf"])],
  fstatfs: [i386("fstatfs64", ["fd", "buf"])],
  truncate: [i386("truncate64", ["path", "offset_lo"])],
  ftruncate: [i386("ftruncate64", ["fd", "offset_lo"])],
  chown: [i386("chown32", ["filename", "user", "group"])],
  lchown: [i386("lchown32", ["filename", "user", "group"])],
  fchown: [i386("fchown32", ["fd", "user", "group"])],
  lseek: [i386("_llseek", ["fd", "offset_low", "whence"])],
  fcntl: [i386("fcntl64", ["fd", "cmd", "arg"])],
  getdents: [i386("readdir", ["fd", "dirent", "count"])],
  sendfile: [i386("sendfile64", ["out_fd", "in_fd", "offset", "count"])],
  umount2: [i386("umount", ["name", 0n])],
  utimensat: [i386("utimensat_time64", ["dfd", "filename", "utimes", "flags"])],
  pread64: [i386("pread64", ["fd", "buf", "count", "pos_lo"])],
  pwrite64: [i386("pwrite64", ["fd", "buf", "count", "pos_lo"])],
  readahead: [i386("readahead", ["fd", "offset_lo", "count"])],
  fallocate: [i386("fallocate", ["fd", "mode", "offset_lo", "len_lo"])],
  sync_file_range: [i386("sync_file_range", ["fd", "offset_lo", "nbytes_lo", "flags"])],
  fadvise64: [
    i386("fadvise64", ["fd", "offset_lo", "len", "advice"]),
    i386("fadvise64_64", ["fd", "offset_lo", "len_lo", "advice"]),
  ],
  fanotify_mark: [i386("fanotify_mark", ["fanotify_fd", "flags", "mask_lo", "dfd", "pathname"])],
  lookup_dcookie: [i386("lookup_dcookie", ["cookie_lo", "buf", "len"])],

  // memory
  mmap: [
    i386("mmap", words("arg", 6)),
    i386("mmap2", ["addr", "len", "prot", "flags", "fd", "pgoff"]),
  ],

  // who
  getuid: [i386("getuid32", [])],
  geteuid: [i386("geteuid32", [])],
  getgid: [i386("getgid32", [])],
  getegid: [i386("getegid32", [])],
  setuid: [i386("setuid32", ["uid"])],
  setgid: [i386("setgid32", ["gid"])],
  setfsuid: [i386("setfsuid32", ["uid"])],
  setfsgid: [i386("setfsgid32", ["gid"])],
  setreuid: [i386("setreuid32", ["ruid", "euid"])],
  setregid: [i386("setregid32", ["rgid", "egid"])],
  setresuid: [i386("setresuid32", ["ruid", "euid", "suid"])],
  setresgid: [i386("setresgid32", ["rgid", "egid", "sgid"])],
  getresuid: [i386("getresuid32", ["ruidp", "euidp", "suidp"])],
  getresgid: [i386("getresgid32", ["rgidp", "egidp", "sgidp"])],
  getgroups: [i386("getgroups32", ["gidsetsize", "grouplist"])],
  setgroups: [i386("setgroups32", ["gidsetsize", "grouplist"])],

  // processes and signals
  wait4: [i386("waitpid", ["pid", "stat_addr", "options", 0n])],
  getrlimit: [i386("ugetrlimit", ["resource", "rlim"])],
  uname: [i386("olduname", ["name"]), i386("oldolduname", ["name"])],
  rt_sigaction: [
    i386("sigaction", ["sig", "act", "oact", OLD_SET_SIZE]),
    // the second one is the handler itself
    i386("signal", ["sig", null, 0n, OLD_SET_SIZE]),
  ],
  rt_sigprocmask: [i386("sigprocmask", ["how", "nset", "oset", OLD_SET_SIZE])],
  rt_sigpending: [i386("sigpending", ["uset", OLD_SET_SIZE])],
  // the set is an argument itself
  rt_sigsuspend: [i386("sigsuspend", [null, OLD_SET_SIZE])],
  rt_sigreturn: [i386("sigreturn", [])],

  // waiting
  select: [i386("select", words("arg", 5)), i386("_newselect", ["n", "inp", "outp", "exp", "tvp"])],
  pselect6: [i386("pselect6_time64", ["n", "inp", "outp", "exp", "tsp", "sig"])],
  ppoll: [i386("ppoll_time64", ["ufds", "nfds", "tsp", "sigmask", "sigsetsize"])],
  io_pgetevents: [
    i386("io_pgetevents_time64", ["ctx_id", "min_nr", "nr", "events", "timeout", "usig"]),
  ],
  rt_sigtimedwait: [i386("rt_sigtimedwait_time64", ["uthese", "uinfo", "uts", "sigsetsize"])],
  futex: [i386("futex_time64", ["uaddr", "op", "val", "utime", "uaddr2", "val3"])],

  // time
  clock_gettime: [i386("clock_gettime64", ["which_clock", "tp"])],
  clock_settime: [i386("clock_settime64", ["which_clock", "tp"])],
  clock_adjtime: [i386("clock_adjtime64", ["which_clock", "utx"])],
  clock_getres: [i386("clock_getres_time64", ["which_clock", "tp"])],
  clock_nanosleep: [i386("clock_nanosleep_time64", ["which_clock", "flags", "rqtp", "rmtp"])],
  timer_gettime: [i386("timer_gettime64", ["timer_id", "setting"])],
  timer_settime: [i386("timer_settime64", ["timer_id", "flags", "new_setting", "old_setting"])],
  timerfd_gettime: [i386("timerfd_gettime64", ["ufd", "otmr"])],
  timerfd_settime: [i386("timerfd_settime64", ["ufd", "flags", "utmr", "otmr"])],
  sched_rr_get_interval: [i386("sched_rr_get_interval_time64", ["pid", "interval"])],

  // sockets
  socket: [socketcall("SYS_SOCKET", [0, 1, 2])],
  bind: [socketcall("SYS_BIND", [0, 1, 2])],
  connect: [socketcall("SYS_CONNECT", [0, 1, 2])],
  listen: [socketcall("SYS_LISTEN", [0, 1])],
  accept: [socketcall("SYS_ACCEPT", [0, 1, 2])],
  accept4: [socketcall("SYS_ACCEPT4", [0, 1, 2, 3])],
  getsockname: [socketcall("SYS_GETSOCKNAME", [0, 1, 2])],
  getpeername: [socketcall("SYS_GETPEERNAME", [0, 1, 2])],
  socketpair: [socketcall("SYS_SOCKETPAIR", [0, 1, 2, 3])],
  sendto: [
    socketcall("SYS_SENDTO", [0, 1, 2, 3, 4, 5]),
    socketcall("SYS_SEND", [0, 1, 2, 3, 0n, 0n]),
  ],
  recvfrom: [
    socketcall("SYS_RECVFROM", [0, 1, 2, 3, 4, 5]),
    socketcall("SYS_RECV", [0, 1, 2, 3, 0n, 0n]),
  ],
  shutdown: [socketcall("SYS_SHUTDOWN", [0, 1])],
  setsockopt: [socketcall("SYS_SETSOCKOPT", [0, 1, 2, 3, 4])],
  getsockopt: [socketcall("SYS_GETSOCKOPT", [0, 1, 2, 3, 4])],
  sendmsg: [socketcall("SYS_SENDMSG", [0, 1, 2])],
  recvmsg: [socketcall("SYS_RECVMSG", [0, 1, 2])],
  sendmmsg: [socketcall("SYS_SENDMMSG", [0, 1, 2, 3])],
  recvmmsg: [
    socketcall("SYS_RECVMMSG", [0, 1, 2, 3, 4]),
    i386("recvmmsg_time64", ["fd", "mmsg", "vlen", "flags", "timeout"]),
  ],

  // System V IPC and message queues
  semop: [ipc("SEMOP", ["first", "ptr", "second"])],
  semget: [ipc("SEMGET", ["first", "second", "third"])],
  semctl: [ipc("SEMCTL", ["first", "second", "third", memory("ptr", 0, 4)])],
  semtimedop: [
    ipc("SEMTIMEDOP", ["first", "ptr", "second", "fifth"]),
    i386("semtimedop_time64", ["semid", "tsops", "nsops", "timeout"]),
  ],
  msgsnd: [ipc("MSGSND", ["first", "ptr", "second", "third"])],
  msgrcv: [
    // version 0: ptr leads to a struct of the buffer and the type; else `fifth` is the type
    i386("ipc", ["first", memory("ptr", 0, 4), "second", memory("ptr", 4, 4), "third"], {
      of: "call",
      mask: 0xffffffffn,
      value: "MSGRCV",
    }),
    ipc("MSGRCV", ["first", "ptr", "second", "fifth", "third"]),
  ],
  msgget: [ipc("MSGGET", ["first", "second"])],
  msgctl: [ipc("MSGCTL", ["first", "second", "ptr"])],
  shmat: [ipc("SHMAT", ["first", "ptr", "second"])],
  shmdt: [ipc("SHMDT", ["ptr"])],
  shmget: [ipc("SHMGET", ["first", "second", "third"])],
  shmctl: [ipc("SHMCTL", ["first", "second", "ptr"])],
  mq_timedsend: [
    i386("mq_timedsend_time64", ["mqdes", "u_msg_ptr", "msg_len", "msg_prio", "u_abs_timeout"]),
  ],
  mq_timedreceive: [
    i386("mq_timedreceive_time64", [
      "mqdes",
      "u_msg_ptr",
      "msg_len",
      "u_msg_prio",
      "u_abs_timeout",
    ]),
  ],
});

/**
 * Names that only i386 has, and the name whose calls they stand for. Their parameters are the first ones of
 * that name's.
 */
export const aliases = table<string>({
  umount: "umount2",
  waitpid: "wait4",
  _newselect: "select",
  mmap2: "mmap",
  fcntl64: "fcntl",
  sendfile64: "sendfile",
  readdir: "getdents",
  ugetrlimit: "getrlimit",
  sigaction: "rt_sigaction",
  sigprocmask: "rt_sigprocmask",
  sigpending: "rt_sigpending",
  sigreturn: "rt_sigreturn",
  fstatat64: "newfstatat",
  stat64: "stat",
  lstat64: "lstat",
  fstat64: "fstat",
  oldstat: "stat",
  oldlstat: "lstat",
  oldfstat: "fstat",
  olduname: "uname",
  oldolduname: "uname",
  ...sized(
    "32",
    `chown lchown fchown getuid geteuid getgid getegid setuid setgid setfsuid setfsgid setreuid setregid
    setresuid setresgid getresuid getresgid getgroups setgroups`,
  ),
  ...sized(
    "64",
    "clock_gettime clock_settime clock_adjtime timer_gettime timer_settime timerfd_gettime timerfd_settime",
  ),
  ...sized(
    "_time64",
    `utimensat pselect6 ppoll io_pgetevents rt_sigtimedwait futex clock_getres clock_nanosleep
    sched_rr_get_interval recvmmsg semtimedop mq_timedsend mq_timedreceive`,
  ),
});

function sized(suffix: string, names: string): Record<string, string> {
  return Object.fromEntries(names.split(/\s+/).map((name) => [name + suffix, name]));
}

/** `count` 32-bit words that parameter `at` points to. */
function words(at: string, count: number) {
  return Array.from({ length: count }, (_, index) => memory(at, 4 * index, 4));
}
