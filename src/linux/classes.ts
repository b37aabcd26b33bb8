/** Classes of calls, as lists of names whose variants cover the rest. */

const lists: Readonly<Record<string, string>> = {
  /** Everything that takes the name of a file. */
  "@file": `open link unlink rename symlink mkdir rmdir mknod readlink chmod chown lchown access stat lstat
    execve chdir chroot truncate statfs utime umount2 mount pivot_root swapon swapoff acct
    setxattr lsetxattr getxattr lgetxattr listxattr llistxattr removexattr lremovexattr
    inotify_add_watch fanotify_mark name_to_handle_at open_tree move_mount fspick mount_setattr
    open_tree_attr file_getattr file_setattr quotactl uselib getcwd`,
  /** Makes a name of a file vanish; `rename` may too, but has its own name. */
  "@delete": "unlink rmdir",
  "@exec": "execve",
  "@network": `socket bind connect listen accept getsockname getpeername socketpair sendto recvfrom
    sendmsg recvmsg sendmmsg recvmmsg shutdown setsockopt getsockopt`,
  /** Begin, end and wait for processes. */
  "@process": "fork execve exit exit_group wait4 waitid kill ptrace unshare setns",
  "@signal": `kill rt_sigaction rt_sigprocmask rt_sigpending rt_sigsuspend rt_sigtimedwait rt_sigreturn
    sigaltstack pause signalfd`,
  "@memory": `brk mmap munmap mremap mprotect madvise process_madvise mlock munlock mlockall munlockall
    mincore msync remap_file_pages mbind set_mempolicy get_mempolicy migrate_pages move_pages
    set_mempolicy_home_node pkey_alloc pkey_free memfd_create memfd_secret mseal map_shadow_stack`,
  "@ipc": `shmget shmat shmdt shmctl semget semop semctl msgget msgsnd msgrcv msgctl
    mq_open mq_unlink mq_timedsend mq_timedreceive mq_notify mq_getsetattr`,
  /** Reads or changes user, group and capability sets. */
  "@creds": `getuid geteuid getgid getegid setuid setgid setreuid setregid setresuid setresgid getresuid
    getresgid setfsuid setfsgid getgroups setgroups capget capset prctl`,
  "@clock": `time stime gettimeofday settimeofday adjtimex clock_gettime clock_settime clock_adjtime
    clock_getres`,
  "@module":
    "init_module finit_module delete_module create_module query_module kexec_load kexec_file_load",
};

let members: ReadonlyMap<string, readonly string[]> | undefined;

/** Class names that have a list; `@desc` and `@all` are computed by the vocabulary. */
export function listedClasses(): ReadonlyMap<string, readonly string[]> {
  members ??= new Map(
    Object.entries(lists).map(([name, list]) => [name, list.split(/\s+/).filter(Boolean)]),
  );
  return members;
}
