/**
 * Members of structs in the order of memory: `TYPE NAME`, separated by `;`. They are laid out as a C compiler
 * does for each ABI. `@N` begins a member at offset N whatever came before: unions, packed structs, other
 * names for the same bytes. A struct that differs by more than the widths of its types has an entry `NAME/i386`.
 *
 * Types: u8 s8 u16 s16 u32 s32 u64 s64; be16 be32 (in network order); long ulong (a register wide); pointer;
 * string, path (a pointer to text); char[N] (text in place); u8[N] (bytes nobody asks for); in6 (16 bytes);
 * `*STRUCT NAME` is a pointer, behind which the members of the struct are `NAME.MEMBER`. `TYPE:MEANING` says what a number means.
 */
import { table } from "../base/table.ts";
import { commandLayouts } from "./command-layouts.ts";

const times = (prefix: string) =>
  ["atime", "btime", "ctime", "mtime"]
    .map((name) => `s64 ${prefix}${name}.tv_sec; u32 ${prefix}${name}.tv_nsec; s32 -`)
    .join("; ");

export const layouts = table<string>({
  // sockets; a sockaddr has the members of all families
  sockaddr: `u16:address_family sa_family; @0 u16:address_family family; @2 be16 port; @4 be32:address addr;
    @0 u16:address_family sin_family; @2 be16 sin_port; @4 be32:in_addr sin_addr; @4 be32:in_addr sin_addr.s_addr;
    @0 u16:address_family sin6_family; @2 be16 sin6_port; @4 be32 sin6_flowinfo; @8 in6 sin6_addr; u32 sin6_scope_id;
    @0 u16:address_family sun_family; @2 char[108] sun_path; @2 char[108] path;
    @0 u16:address_family nl_family; @4 u32 nl_pid; u32 nl_groups;
    @0 u16:address_family sll_family; @2 be16 sll_protocol; s32 sll_ifindex;
    @0 u16:address_family svm_family; @4 u32 svm_port; u32 svm_cid`,
  user_msghdr: `*sockaddr msg_name; s32 msg_namelen; pointer msg_iov; ulong msg_iovlen; pointer msg_control;
    ulong msg_controllen; u32:msg_flags msg_flags`,
  mmsghdr: `*sockaddr msg_hdr.msg_name; s32 msg_hdr.msg_namelen; pointer msg_hdr.msg_iov; ulong msg_hdr.msg_iovlen;
    pointer msg_hdr.msg_control; ulong msg_hdr.msg_controllen; u32:msg_flags msg_hdr.msg_flags; u32 -; u32 msg_len`,
  "mmsghdr/i386": `*sockaddr msg_hdr.msg_name; s32 msg_hdr.msg_namelen; pointer msg_hdr.msg_iov; ulong msg_hdr.msg_iovlen;
    pointer msg_hdr.msg_control; ulong msg_hdr.msg_controllen; u32:msg_flags msg_hdr.msg_flags; u32 msg_len`,
  iovec: "pointer iov_base; ulong iov_len",

  // files
  stat: `ulong:device st_dev; ulong st_ino; ulong st_nlink; u32:mode st_mode; u32:uid st_uid; u32:gid st_gid; u32 -;
    ulong:device st_rdev; long st_size; long st_blksize; long st_blocks; ulong st_atime; ulong st_atime_nsec;
    ulong st_mtime; ulong st_mtime_nsec; ulong st_ctime; ulong st_ctime_nsec`,
  "stat/i386": `u32:device st_dev; u32 st_ino; u16:mode st_mode; u16 st_nlink; u16:uid st_uid; u16:gid st_gid;
    u32:device st_rdev; u32 st_size; u32 st_blksize; u32 st_blocks; u32 st_atime; u32 st_atime_nsec;
    u32 st_mtime; u32 st_mtime_nsec; u32 st_ctime; u32 st_ctime_nsec`,
  stat64: `u64:device st_dev; u8[4] -; u32 __st_ino; u32:mode st_mode; u32 st_nlink; u32:uid st_uid; u32:gid st_gid;
    u64:device st_rdev; u8[4] -; s64 st_size; u32 st_blksize; u64 st_blocks; u32 st_atime; u32 st_atime_nsec;
    u32 st_mtime; u32 st_mtime_nsec; u32 st_ctime; u32 st_ctime_nsec; u64 st_ino`,
  __old_kernel_stat: `u16:device st_dev; u16 st_ino; u16:mode st_mode; u16 st_nlink; u16:uid st_uid; u16:gid st_gid;
    u16:device st_rdev; u32 st_size; u32 st_atime; u32 st_mtime; u32 st_ctime`,
  // with the names of struct stat besides its own, so that a rule on stat means the same here
  statx: `u32 stx_mask; u32 stx_blksize; u64 stx_attributes; u32 stx_nlink; u32:uid stx_uid; u32:gid stx_gid;
    u16:mode stx_mode; u16 -; u64 stx_ino; u64 stx_size; u64 stx_blocks; u64 stx_attributes_mask; ${times("stx_")};
    u32 stx_rdev_major; u32 stx_rdev_minor; u32 stx_dev_major; u32 stx_dev_minor; u64 stx_mnt_id;
    u32 stx_dio_mem_align; u32 stx_dio_offset_align;
    @4 u32 st_blksize; @16 u32 st_nlink; u32:uid st_uid; u32:gid st_gid; u16:mode st_mode; u16 -; u64 st_ino;
    u64 st_size; u64 st_blocks; @64 s64 st_atime; @96 s64 st_ctime; @112 s64 st_mtime`,
  statfs: `long f_type; long f_bsize; long f_blocks; long f_bfree; long f_bavail; long f_files; long f_ffree;
    u8[8] -; long f_namelen; long f_frsize; long f_flags`,
  statfs64: `u32 f_type; u32 f_bsize; u64 f_blocks; u64 f_bfree; u64 f_bavail; u64 f_files; u64 f_ffree; u8[8] -;
    u32 f_namelen; u32 f_frsize; u32 f_flags`,
  open_how: "u64:open_flags flags; u64:mode mode; u64:resolve_flags resolve",
  xattr_args: "u64 value; u32 size; u32:xattr_flags flags",
  file_handle: "u32 handle_bytes; s32 handle_type",
  mount_attr:
    "u64:mount_attr attr_set; u64:mount_attr attr_clr; u64:mount_flags propagation; u64 userns_fd",
  file_attr: "u64 fa_xflags; u32 fa_extsize; u32 fa_nextents; u32 fa_projid; u32 fa_cowextsize",
  mnt_id_req: "u32 size; u32 mnt_ns_fd; u64 mnt_id; u64 param; u64 mnt_ns_id",
  cachestat_range: "u64 off; u64 len",
  iocb: `u64 aio_data; u32 aio_key; u32 aio_rw_flags; u16 aio_lio_opcode; s16 aio_reqprio; u32:fd aio_fildes;
    u64 aio_buf; u64 aio_nbytes; s64 aio_offset; u64 -; u32 aio_flags; u32:fd aio_resfd`,

  // time
  __kernel_timespec: "s64 tv_sec; s64 tv_nsec",
  old_timespec32: "s32 tv_sec; s32 tv_nsec",
  __kernel_old_timeval: "long tv_sec; long tv_usec",
  timezone: "s32 tz_minuteswest; s32 tz_dsttime",
  __kernel_itimerspec:
    "s64 it_interval.tv_sec; s64 it_interval.tv_nsec; s64 it_value.tv_sec; s64 it_value.tv_nsec",
  old_itimerspec32:
    "s32 it_interval.tv_sec; s32 it_interval.tv_nsec; s32 it_value.tv_sec; s32 it_value.tv_nsec",
  __kernel_old_itimerval:
    "long it_interval.tv_sec; long it_interval.tv_usec; long it_value.tv_sec; long it_value.tv_usec",
  utimbuf: "long actime; long modtime",
  old_utimbuf32: "s32 actime; s32 modtime",
  __kernel_timex: "u32 modes; s64 offset; s64 freq; s64 maxerror; s64 esterror; s32 status",
  "__kernel_timex/i386":
    "u32 modes; u32 -; s64 offset; s64 freq; s64 maxerror; s64 esterror; s32 status",
  old_timex32: "u32 modes; s32 offset; s32 freq; s32 maxerror; s32 esterror; s32 status",
  tms: "long tms_utime; long tms_stime; long tms_cutime; long tms_cstime",

  // processes and signals
  clone_args: `u64:namespace_flags flags; u64 pidfd; u64 child_tid; u64 parent_tid; u64:signal exit_signal; u64 stack;
    u64 stack_size; u64 tls; u64 set_tid; u64 set_tid_size; u64 cgroup`,
  rlimit: "ulong rlim_cur; ulong rlim_max",
  rlimit64: "u64 rlim_cur; u64 rlim_max",
  rusage: `long ru_utime.tv_sec; long ru_utime.tv_usec; long ru_stime.tv_sec; long ru_stime.tv_usec; long ru_maxrss;
    long ru_ixrss; long ru_idrss; long ru_isrss; long ru_minflt; long ru_majflt; long ru_nswap; long ru_inblock;
    long ru_oublock; long ru_msgsnd; long ru_msgrcv; long ru_nsignals; long ru_nvcsw; long ru_nivcsw`,
  sigaction: "pointer sa_handler; ulong sa_flags; pointer sa_restorer; u64 sa_mask",
  old_sigaction: "pointer sa_handler; ulong sa_mask; ulong sa_flags; pointer sa_restorer",
  siginfo: `s32:signal si_signo; s32 si_errno; s32 si_code; u32 -; s32:pid si_pid; u32:uid si_uid; s32 si_status;
    @16 pointer si_addr; @24 ulong si_value`,
  "siginfo/i386": `s32:signal si_signo; s32 si_errno; s32 si_code; s32:pid si_pid; u32:uid si_uid; s32 si_status;
    @12 pointer si_addr; @20 ulong si_value`,
  sigaltstack: "pointer ss_sp; s32 ss_flags; ulong ss_size",
  sigevent:
    "pointer sigev_value; s32:signal sigev_signo; s32 sigev_notify; s32:pid sigev_notify_thread_id",
  sched_param: "s32 sched_priority",
  sched_attr: `u32 size; u32:sched_policy sched_policy; u64 sched_flags; s32 sched_nice; u32 sched_priority;
    u64 sched_runtime; u64 sched_deadline; u64 sched_period; u32 sched_util_min; u32 sched_util_max`,
  __user_cap_header_struct: "u32 version; s32:pid pid",
  __user_cap_data_struct: "u32 effective; u32 permitted; u32 inheritable",
  user_desc: "u32 entry_number; u32 base_addr; u32 limit",
  landlock_ruleset_attr: "u64 handled_access_fs; u64 handled_access_net; u64 scoped",
  futex_waitv: "u64 val; u64 uaddr; u32 flags",

  // waiting
  pollfd: "s32:fd fd; s16:poll_events events; s16:poll_events revents",
  epoll_event: "u32:epoll_events events; @4 u64 data",
  io_uring_params: `u32 sq_entries; u32 cq_entries; u32 flags; u32 sq_thread_cpu; u32 sq_thread_idle; u32 features;
    u32:fd wq_fd`,
  io_event: "u64 data; u64 obj; s64 res; s64 res2",

  // System V IPC and message queues
  sembuf: "u16 sem_num; s16 sem_op; s16 sem_flg",
  msgbuf: "long mtype",
  mq_attr: "long mq_flags; long mq_maxmsg; long mq_msgsize; long mq_curmsgs",

  // the system
  new_utsname: `char[65] sysname; char[65] nodename; char[65] release; char[65] version; char[65] machine;
    char[65] domainname`,
  old_utsname:
    "char[65] sysname; char[65] nodename; char[65] release; char[65] version; char[65] machine",
  oldold_utsname:
    "char[9] sysname; char[9] nodename; char[9] release; char[9] version; char[9] machine",
  sysinfo: `long uptime; ulong loads1; ulong loads5; ulong loads15; ulong totalram; ulong freeram; ulong sharedram;
    ulong bufferram; ulong totalswap; ulong freeswap; u16 procs; u16 -; ulong totalhigh; ulong freehigh; u32 mem_unit`,
  perf_event_attr: `u32 type; u32 size; u64 config; u64 sample_period; u64 sample_type; u64 read_format`,

  ...commandLayouts,
});
