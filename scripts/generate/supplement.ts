/**
 * What no interface of a running kernel says: names of functions behind calls, prototypes of calls that have
 * no `syscalls:` tracepoint (32-bit-only ones, obsolete ones, ones that need a configuration option), numbers
 * that are newer than the installed headers. Written by hand from the manual pages.
 */

/** Calls newer than linux-libc-dev may know. Since 5.x all of them have one number on every ABI. */
export const newerNumbers: Readonly<Record<string, number>> = {
  cachestat: 451,
  fchmodat2: 452,
  map_shadow_stack: 453,
  futex_wake: 454,
  futex_wait: 455,
  futex_requeue: 456,
  statmount: 457,
  listmount: 458,
  lsm_get_self_attr: 459,
  lsm_set_self_attr: 460,
  lsm_list_modules: 461,
  mseal: 462,
  setxattrat: 463,
  getxattrat: 464,
  listxattrat: 465,
  removexattrat: 466,
  open_tree_attr: 467,
  file_getattr: 468,
  file_setattr: 469,
};

/** The same, for x86_64 alone. */
export const newerNumbersX86_64: Readonly<Record<string, number>> = { uretprobe: 335, uprobe: 336 };

/** Calls without a function behind them: their numbers answer ENOSYS on today's kernels. */
export const unimplemented: ReadonlySet<string> = new Set(
  `_sysctl afs_syscall bdflush break create_module epoll_ctl_old epoll_wait_old ftime get_kernel_syms
  getpmsg gtty idle lock mpx nfsservctl prof profil putpmsg query_module security stty tuxcall
  ulimit vm86 vm86old vserver`.split(/\s+/),
);

/** Functions on x86_64 that are not named like the call (without `sys_`). */
export const functionsX86_64: Readonly<Record<string, string>> = {
  stat: "newstat",
  fstat: "newfstat",
  lstat: "newlstat",
  sendfile: "sendfile64",
  uname: "newuname",
  umount2: "umount",
  set_thread_area: "",
  get_thread_area: "",
};

/** The same for i386 on a 64-bit kernel. */
export const functionsI386: Readonly<Record<string, string>> = {
  time: "time32",
  oldstat: "stat",
  oldfstat: "fstat",
  oldlstat: "lstat",
  umount: "oldumount",
  umount2: "umount",
  stime: "stime32",
  utime: "utime32",
  fcntl: "fcntl64",
  oldolduname: "olduname",
  olduname: "uname",
  uname: "newuname",
  getrlimit: "old_getrlimit",
  ugetrlimit: "getrlimit",
  select: "old_select",
  _newselect: "select",
  readdir: "old_readdir",
  mmap: "ia32_mmap",
  mmap2: "mmap_pgoff",
  stat: "newstat",
  lstat: "newlstat",
  fstat: "newfstat",
  clone: "ia32_clone",
  _llseek: "llseek",
  pread64: "ia32_pread64",
  pwrite64: "ia32_pwrite64",
  truncate64: "ia32_truncate64",
  ftruncate64: "ia32_ftruncate64",
  stat64: "ia32_stat64",
  lstat64: "ia32_lstat64",
  fstat64: "ia32_fstat64",
  fstatat64: "ia32_fstatat64",
  readahead: "ia32_readahead",
  fadvise64: "ia32_fadvise64",
  fadvise64_64: "ia32_fadvise64_64",
  sync_file_range: "ia32_sync_file_range",
  fallocate: "ia32_fallocate",
  timer_settime: "timer_settime32",
  timer_gettime: "timer_gettime32",
  clock_settime: "clock_settime32",
  clock_gettime: "clock_gettime32",
  clock_adjtime: "clock_adjtime32",
  timerfd_settime: "timerfd_settime32",
  timerfd_gettime: "timerfd_gettime32",
  // 16-bit user and group ids; the calls with 32-bit ones have the plain function
  ...Object.fromEntries(
    `lchown setuid getuid setgid getgid geteuid getegid setreuid setregid getgroups setgroups fchown setfsuid
    setfsgid setresuid getresuid setresgid getresgid chown`
      .split(/\s+/)
      .flatMap((name) => [
        [name, `${name}16`],
        [`${name}32`, name],
      ]),
  ),
  // 32-bit times; the calls with 64-bit ones have the plain function, except where a compat entry exists
  ...Object.fromEntries(
    `adjtimex sched_rr_get_interval nanosleep rt_sigtimedwait futex io_getevents clock_getres clock_nanosleep
    utimes mq_timedsend mq_timedreceive futimesat pselect6 ppoll utimensat recvmmsg`
      .split(/\s+/)
      .map((name) => [name, `${name}_time32`]),
  ),
  ...Object.fromEntries(
    `clock_gettime64 clock_settime64 clock_adjtime64 timer_gettime64 timer_settime64 timerfd_gettime64
    timerfd_settime64`
      .split(/\s+/)
      .map((name) => [name, name.replace(/64$/, "")]),
  ),
  ...Object.fromEntries(
    `clock_getres_time64 clock_nanosleep_time64 utimensat_time64 mq_timedsend_time64 mq_timedreceive_time64
    semtimedop_time64 futex_time64 sched_rr_get_interval_time64`
      .split(/\s+/)
      .map((name) => [name, name.replace(/_time64$/, "")]),
  ),
};

/** i386 calls that take the plain function although one for 32-bit callers exists (x32 uses that). */
export const plainOnI386: ReadonlySet<string> = new Set([
  "sendfile64",
  "epoll_pwait",
  "process_vm_readv",
  "process_vm_writev",
  "getsockopt",
  "setsockopt",
]);

/** Prototypes of both ABIs that tracefs may lack. */
export const prototypes: Readonly<Record<string, string>> = {
  uselib: "const char * library",
  _sysctl: "struct __sysctl_args * args",
  create_module: "const char * name, size_t size",
  init_module: "void * umod, unsigned long len, const char * uargs",
  delete_module: "const char * name_user, unsigned int flags",
  finit_module: "int fd, const char * uargs, int flags",
  get_kernel_syms: "struct kernel_sym * table",
  query_module: "const char * name, int which, void * buf, size_t bufsize, size_t * ret",
  nfsservctl: "int cmd, struct nfsctl_arg * argp, union nfsctl_res * resp",
  set_thread_area: "struct user_desc * u_info",
  get_thread_area: "struct user_desc * u_info",
  lookup_dcookie: "u64 cookie64, char * buf, size_t len",
  kexec_load:
    "unsigned long entry, unsigned long nr_segments, struct kexec_segment * segments, unsigned long flags",
  kexec_file_load:
    "int kernel_fd, int initrd_fd, unsigned long cmdline_len, const char * cmdline_ptr, unsigned long flags",
  map_shadow_stack: "unsigned long addr, unsigned long size, unsigned int flags",
  getpmsg: "",
  putpmsg: "",
  afs_syscall: "",
  tuxcall: "",
  security: "",
  vserver: "",
  epoll_ctl_old: "",
  epoll_wait_old: "",
  uretprobe: "",
  uprobe: "",
};

/** Prototypes of i386 where they are not those of the x86_64 call of the name. */
export const prototypesI386: Readonly<Record<string, string>> = {
  waitpid: "pid_t pid, int * stat_addr, int options",
  break: "",
  stty: "",
  gtty: "",
  ftime: "",
  prof: "",
  lock: "",
  mpx: "",
  ulimit: "",
  profil: "",
  idle: "",
  oldstat: "const char * filename, struct __old_kernel_stat * statbuf",
  oldfstat: "unsigned int fd, struct __old_kernel_stat * statbuf",
  oldlstat: "const char * filename, struct __old_kernel_stat * statbuf",
  stime: "old_time32_t * tptr",
  time: "old_time32_t * tloc",
  nice: "int increment",
  utime: "const char * filename, struct old_utimbuf32 * times",
  signal: "int sig, __sighandler_t handler",
  umount: "const char * name",
  oldolduname: "struct oldold_utsname * name",
  olduname: "struct old_utsname * name",
  sigaction: "int sig, const struct old_sigaction * act, struct old_sigaction * oact",
  sgetmask: "",
  ssetmask: "int newmask",
  sigsuspend: "int unused1, int unused2, old_sigset_t mask",
  sigpending: "old_sigset_t * uset",
  sigprocmask: "int how, old_sigset_t * nset, old_sigset_t * oset",
  sigreturn: "",
  readdir: "unsigned int fd, struct old_linux_dirent * dirent, unsigned int count",
  select: "struct sel_arg_struct * arg",
  _newselect: "int n, fd_set * inp, fd_set * outp, fd_set * exp, struct __kernel_old_timeval * tvp",
  mmap: "struct mmap_arg_struct * arg",
  mmap2:
    "unsigned long addr, unsigned long len, unsigned long prot, unsigned long flags, unsigned long fd, unsigned long pgoff",
  socketcall: "int call, unsigned long * args",
  ipc: "unsigned int call, int first, unsigned long second, unsigned long third, void * ptr, long fifth",
  clone:
    "unsigned long clone_flags, unsigned long newsp, int * parent_tidptr, unsigned long tls, int * child_tidptr",
  vm86old: "struct vm86_struct * user_vm86",
  vm86: "unsigned long cmd, unsigned long arg",
  bdflush: "int func, long data",
  _llseek:
    "unsigned int fd, unsigned long offset_high, unsigned long offset_low, loff_t * result, unsigned int whence",
  pread64: "unsigned int fd, char * buf, size_t count, u32 pos_lo, u32 pos_hi",
  pwrite64: "unsigned int fd, const char * buf, size_t count, u32 pos_lo, u32 pos_hi",
  truncate64: "const char * path, unsigned long offset_lo, unsigned long offset_hi",
  ftruncate64: "unsigned int fd, unsigned long offset_lo, unsigned long offset_hi",
  stat64: "const char * filename, struct stat64 * statbuf",
  lstat64: "const char * filename, struct stat64 * statbuf",
  fstat64: "unsigned int fd, struct stat64 * statbuf",
  fstatat64: "int dfd, const char * filename, struct stat64 * statbuf, int flag",
  fcntl64: "unsigned int fd, unsigned int cmd, unsigned long arg",
  statfs64: "const char * pathname, size_t sz, struct statfs64 * buf",
  fstatfs64: "unsigned int fd, size_t sz, struct statfs64 * buf",
  readahead: "int fd, unsigned int offset_lo, unsigned int offset_hi, size_t count",
  fadvise64: "int fd, unsigned int offset_lo, unsigned int offset_hi, size_t len, int advice",
  fadvise64_64: "int fd, u32 offset_lo, u32 offset_hi, u32 len_lo, u32 len_hi, int advice",
  sync_file_range:
    "int fd, unsigned int offset_lo, unsigned int offset_hi, unsigned int nbytes_lo, unsigned int nbytes_hi, unsigned int flags",
  fallocate:
    "int fd, int mode, unsigned int offset_lo, unsigned int offset_hi, unsigned int len_lo, unsigned int len_hi",
  fanotify_mark:
    "int fanotify_fd, unsigned int flags, u32 mask_lo, u32 mask_hi, int dfd, const char * pathname",
  sendfile: "int out_fd, int in_fd, off_t * offset, size_t count",
  lookup_dcookie: "u32 cookie_lo, u32 cookie_hi, char * buf, size_t len",
};
