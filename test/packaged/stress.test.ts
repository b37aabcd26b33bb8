/** Stressors of stress-ng (package stress-ng), a few operations of each: what they do with the kernel works under rules. */
import { type Program, testSame } from "./compare.ts";

const OPERATIONS = 20;

/** By the classes of stress-ng; some belong to several. Left out: what works on the machine itself, or needs privilege;
 * touch, mutex and unshare, which end a few operations in a race with threads and children that they still start: with calls that
 * take longer they lose it now and then, and say that they failed. */
const STRESSORS = {
  filesystem: `access chmod chown dentry dir dup eventfd fcntl fiemap file-ioctl filename flock
    fsize fstat getdent io lease lockf locka mknod open rename utime xattr`,
  os: `brk cap clock clone close env exit-group futex get getrandom kcmp key landlock madvise
    memfd mincore mlock mprotect mq msync munmap null personality prctl pthread readahead remap
    rlimit seek sem-sysv session set shm-sysv sysbadaddr sysinfo urandom vdso vm-rw zero`,
  scheduler: "affinity fork nanosleep nice poll schedpolicy switch vfork wait",
  interrupt: `alarm fault itimer kill pidfd sigchld sigfd sigfpe sigio signal signest sigpending
    sigpipe sigq sigrt sigsegv sigsuspend sigtrap sleep timer timerfd`,
  pipe: "fifo pipe ring-pipe sendfile splice tee vm-splice",
  network: "epoll sock sockdiag sockfd sockmany sockpair udp",
} as const;

function programOf(kind: string, stressor: string): Program {
  const bounds = [`--${stressor}-ops`, `${OPERATIONS}`, "--timeout", "30"];
  return {
    name: `${kind}/${stressor}`,
    command: ["stress-ng", `--${stressor}`, "1", ...bounds, "--verify", "--temp-path", "."],
    // that it did what was asked for, and verified it: with an error it says so and fails
    output: ({ stdout, stderr }) =>
      `${stdout}${stderr}`.match(/\b(fail|error|skipped)\b.*/g)?.join("\n") ?? "",
  };
}

const programs = Object.entries(STRESSORS).flatMap(([kind, names]) =>
  names.split(/\s+/).map((name) => programOf(kind, name)),
);
testSame(programs, 80);
