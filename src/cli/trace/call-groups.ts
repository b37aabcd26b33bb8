/** The groups of -e trace=%GROUP: which calls strace counts to each. Names of both ABIs; who has one is a question of numbers. */
import { table } from "../../base/table.ts";

const STAT =
  "stat stat64 oldstat statx newfstatat fstatat64 fstat fstat64 oldfstat lstat lstat64 oldlstat";
const PATH_AT =
  "faccessat faccessat2 fchmodat fchmodat2 fchownat fstatat64 futimesat linkat mkdirat mknodat name_to_handle_at newfstatat openat openat2 open_tree readlinkat renameat renameat2 statx symlinkat unlinkat utimensat utimensat_time64 execveat move_mount mount_setattr fspick fanotify_mark inotify_add_watch";
const PATH =
  "access acct chdir chmod chown chown32 chroot creat execve fanotify_mark getcwd getxattr lchown lchown32 lgetxattr link listxattr llistxattr lremovexattr lsetxattr lstat lstat64 mkdir mknod mount oldlstat oldstat oldumount open pivot_root quotactl readlink removexattr rename rmdir setxattr stat stat64 statfs statfs64 swapoff swapon symlink truncate truncate64 umount umount2 unlink uselib utime utimes";
const SOCKET =
  "accept accept4 bind connect getpeername getsockname getsockopt listen recv recvfrom recvmmsg recvmmsg_time64 recvmsg send sendmmsg sendmsg sendto setsockopt shutdown socket socketcall socketpair";
const DESC =
  "bpf cachestat close close_range copy_file_range dup dup2 dup3 epoll_create epoll_create1 epoll_ctl epoll_pwait epoll_pwait2 epoll_wait eventfd eventfd2 execveat faccessat faccessat2 fadvise64 fadvise64_64 fallocate fanotify_init fanotify_mark fchdir fchmod fchmodat fchmodat2 fchown fchown32 fchownat fcntl fcntl64 fdatasync fgetxattr finit_module flistxattr flock fremovexattr fsconfig fsetxattr fsmount fsopen fspick fstat fstat64 oldfstat fstatat64 fstatfs fstatfs64 fsync ftruncate ftruncate64 futimesat getdents getdents64 inotify_add_watch inotify_init inotify_init1 inotify_rm_watch io_uring_enter io_uring_register io_uring_setup ioctl kexec_file_load landlock_add_rule landlock_create_ruleset landlock_restrict_self linkat lseek _llseek memfd_create memfd_secret mkdirat mknodat mmap mmap2 move_mount mount_setattr mq_getsetattr mq_notify mq_open mq_timedreceive mq_timedreceive_time64 mq_timedsend mq_timedsend_time64 name_to_handle_at newfstatat oldfstat open openat openat2 open_by_handle_at open_tree perf_event_open pidfd_getfd pidfd_open pidfd_send_signal pipe pipe2 poll ppoll ppoll_time64 pread64 preadv preadv2 process_madvise process_mrelease pselect6 pselect6_time64 pwrite64 pwritev pwritev2 quotactl_fd read readahead readlinkat readv renameat renameat2 select _newselect oldselect sendfile sendfile64 setns signalfd signalfd4 splice statx symlinkat sync_file_range syncfs tee timerfd_create timerfd_gettime timerfd_gettime64 timerfd_settime timerfd_settime64 unlinkat userfaultfd utimensat utimensat_time64 vmsplice write writev creat";

/** By the name behind `%`; the words of the ones without it are the same. */
export const CALL_GROUPS = table<string>({
  file: `${PATH} ${PATH_AT}`,
  process:
    "clone clone3 execve execveat exit exit_group fork kill pidfd_open pidfd_send_signal rt_sigqueueinfo rt_tgsigqueueinfo tgkill tkill vfork wait4 waitid waitpid",
  network: `${SOCKET} getpmsg putpmsg sendfile sendfile64`,
  signal:
    "kill pause pidfd_send_signal rt_sigaction rt_sigpending rt_sigprocmask rt_sigqueueinfo rt_sigreturn rt_sigsuspend rt_sigtimedwait rt_sigtimedwait_time64 rt_tgsigqueueinfo sgetmask sigaction sigaltstack signal signalfd signalfd4 sigpending sigprocmask sigreturn sigsuspend ssetmask tgkill tkill",
  ipc: "ipc msgctl msgget msgrcv msgsnd semctl semget semop semtimedop semtimedop_time64 shmat shmctl shmdt shmget",
  desc: DESC,
  memory:
    "brk get_mempolicy io_destroy io_setup madvise map_shadow_stack mbind migrate_pages mincore mlock mlock2 mlockall mmap mmap2 mprotect mremap move_pages msync munlock munlockall munmap pkey_mprotect process_madvise remap_file_pages set_mempolicy set_mempolicy_home_node shmat shmdt",
  creds:
    "capget capset getegid getegid32 geteuid geteuid32 getgid getgid32 getgroups getgroups32 getresgid getresgid32 getresuid getresuid32 getuid getuid32 prctl setfsgid setfsgid32 setfsuid setfsuid32 setgid setgid32 setgroups setgroups32 setregid setregid32 setresgid setresgid32 setresuid setresuid32 setreuid setreuid32 setuid setuid32",
  stat: "stat stat64 oldstat",
  lstat: "lstat lstat64 oldlstat",
  fstat: "fstat fstat64 oldfstat fstatat64 newfstatat statx",
  "%stat": STAT,
  statfs: "statfs statfs64",
  fstatfs: "fstatfs fstatfs64",
  "%statfs": "statfs statfs64 fstatfs fstatfs64 ustat",
  clock:
    "adjtimex clock_adjtime clock_adjtime64 clock_getres clock_getres_time64 clock_gettime clock_gettime64 clock_settime clock_settime64 gettimeofday settimeofday stime time",
  pure: "getegid getegid32 geteuid geteuid32 getgid getgid32 getpgrp getpid getppid gettid getuid getuid32",
});

const ALIASES = table<string>({ net: "network" });
/** Words that stand for groups without `%`, as long ago. */
const OLD_WORDS = ["file", "process", "network", "signal", "ipc", "desc", "memory"];

/** Names of calls; undefined: there is no such group. */
export function groupMembers(word: string): readonly string[] | undefined {
  const isMarked = word.startsWith("%");
  if (!isMarked && !OLD_WORDS.includes(word)) return undefined;
  const name = isMarked ? word.slice(1) : word;
  return CALL_GROUPS[ALIASES[name] ?? name]?.split(" ");
}
