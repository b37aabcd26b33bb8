/*
 * Tries to delete a file whose name a rule forbids, by a trick:
 *
 *   escape TRICK FILE    exit status 0: the file is gone; 1: it is there, and the trick was tried; 2: no such trick;
 *                        3: the trick cannot be tried here; prints "errno N" of the last unlink
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *file;

static void delete(void) {
  int failed = syscall(SYS_unlink, file) < 0;
  printf("errno %d\n", failed ? errno : 0);
  fflush(stdout);
}

static void cannot(const char *what) {
  perror(what);
  exit(3);
}

/* A filter of our own that gives `verdict` for unlink; a descriptor with SECCOMP_FILTER_FLAG_NEW_LISTENER. */
static int add_filter(unsigned verdict, unsigned flags) {
  struct sock_filter code[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_unlink, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, verdict),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  struct sock_fprog program = {.len = 4, .filter = code};
  prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program);
}

static void filter_allow(void) {
  if (add_filter(SECCOMP_RET_ALLOW, 0) < 0) cannot("seccomp");
  delete();
}

/* has precedence over the verdict that stops us for a tracer, but no tracer */
static void filter_trace(void) {
  if (add_filter(SECCOMP_RET_TRACE, 0) < 0) cannot("seccomp");
  delete();
}

static void filter_log(void) {
  if (add_filter(SECCOMP_RET_LOG, 0) < 0) cannot("seccomp");
  delete();
}

/* "allow", says one thread about the call of another */
static void *answer(void *listener) {
  struct seccomp_notif request;
  struct seccomp_notif_resp reply;
  memset(&request, 0, sizeof request);
  if (ioctl((int)(long)listener, SECCOMP_IOCTL_NOTIF_RECV, &request) < 0) return 0;
  memset(&reply, 0, sizeof reply);
  reply.id = request.id;
  reply.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
  ioctl((int)(long)listener, SECCOMP_IOCTL_NOTIF_SEND, &reply);
  return 0;
}

static void filter_listen(void) {
  int listener = add_filter(SECCOMP_RET_USER_NOTIF, SECCOMP_FILTER_FLAG_NEW_LISTENER);
  pthread_t thread;
  if (listener >= 0) pthread_create(&thread, 0, answer, (void *)(long)listener);
  delete();
}

/* a child of which no tracer is notified */
static void untraced(void) {
  int status;
  pid_t child = syscall(SYS_clone, CLONE_UNTRACED | SIGCHLD, 0, 0, 0, 0);
  if (child < 0) cannot("clone");
  if (child == 0) {
    delete();
    _exit(0);
  }
  waitpid(child, &status, 0);
}

/* such a child may trace one of its own, and would get the stops that were meant for the tracer of all */
static void traces_untraced(long request, pid_t child) {
  int status;
  if (child < 0) cannot("clone");
  if (child > 0) {
    waitpid(child, &status, __WALL);
    return;
  }
  int ends[2];
  if (pipe(ends) < 0) _exit(3);
  pid_t inner = fork();
  if (inner == 0) {
    char byte;
    if (request == PTRACE_SEIZE)
      read(ends[0], &byte, 1);
    else {
      ptrace(PTRACE_TRACEME, 0, 0, 0);
      raise(SIGSTOP);
    }
    delete();
    _exit(0);
  }
  if (request != PTRACE_SEIZE) waitpid(inner, &status, 0);
  if (ptrace(request, inner, 0, PTRACE_O_TRACESECCOMP) == 0) printf("reached ");
  fflush(stdout);
  write(ends[1], "", 1);
  if (request != PTRACE_SEIZE) ptrace(PTRACE_CONT, inner, 0, 0);
  while (waitpid(inner, &status, 0) > 0 && WIFSTOPPED(status)) ptrace(PTRACE_CONT, inner, 0, 0);
  _exit(0);
}

/* clone3 has its flags in memory */
static pid_t clone3_untraced(void) {
  struct { unsigned long long flags, pidfd, child, parent, signal, stack[3]; } args = {
      .flags = CLONE_UNTRACED, .signal = SIGCHLD};
  return syscall(435, &args, sizeof args);
}

static void traces_options(void) { traces_untraced(PTRACE_SETOPTIONS, clone3_untraced()); }
static void traces_old_options(void) { traces_untraced(21, clone3_untraced()); }
static void traces_seize(void) { traces_untraced(PTRACE_SEIZE, clone3_untraced()); }

static void untraced3(void) {
  int status;
  pid_t child = clone3_untraced();
  if (child < 0) cannot("clone3");
  if (child == 0) {
    delete();
    _exit(0);
  }
  waitpid(child, &status, 0);
}

static void by_vfork(void) {
  int status;
  pid_t child = vfork();
  if (child == 0) {
    syscall(SYS_unlink, file);
    execl("/bin/rm", "rm", "-f", file, (char *)0);
    _exit(0);
  }
  waitpid(child, &status, 0);
}

static void from_thread_exec(void) {
  execl("/bin/rm", "rm", "-f", file, (char *)0);
}

/* the tracer turns a call that nobody forbids into the one that a rule does */
static void traced(void) {
  int status;
  pid_t child = fork();
  if (child == 0) {
    if (ptrace(PTRACE_TRACEME, 0, 0, 0) < 0) _exit(3);
    raise(SIGSTOP);
    long result = syscall(SYS_access, file, 1000000);
    _exit(result == 0 ? 0 : 1);
  }
  waitpid(child, &status, 0);
  if (!WIFSTOPPED(status)) exit(3);
  ptrace(PTRACE_SETOPTIONS, child, 0, PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL);
  for (;;) {
    struct user_regs_struct regs;
    if (ptrace(PTRACE_SYSCALL, child, 0, 0) < 0 || waitpid(child, &status, 0) != child) break;
    if (WIFEXITED(status) || WIFSIGNALED(status)) break;
    if (WSTOPSIG(status) != (SIGTRAP | 0x80)) continue;
    ptrace(PTRACE_GETREGS, child, 0, &regs);
    if (regs.orig_rax == SYS_access && regs.rsi == 1000000) {
      regs.orig_rax = SYS_unlink;
      ptrace(PTRACE_SETREGS, child, 0, &regs);
    }
  }
}

static void namespaces(void) {
  if (unshare(CLONE_NEWUSER | CLONE_NEWNS) < 0) cannot("unshare");
  delete();
}

static void not_dumpable(void) {
  prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
  delete();
}

static void close_all(void) {
  for (int fd = 3; fd < 4096; fd++) close(fd);
  delete();
}

static void cover_all(void) {
  for (int fd = 3; fd < 1024; fd++) dup2(0, fd);
  delete();
}

static pid_t parent_of(pid_t pid) {
  char path[64], line[512];
  int parent = 0;
  snprintf(path, sizeof path, "/proc/%d/status", pid);
  FILE *status = fopen(path, "r");
  if (!status) return 0;
  while (fgets(line, sizeof line, status))
    if (sscanf(line, "PPid: %d", &parent) == 1) break;
  fclose(status);
  return parent;
}

static int has_name(pid_t pid, const char *name) {
  char path[64], comm[64] = "";
  snprintf(path, sizeof path, "/proc/%d/comm", pid);
  FILE *file = fopen(path, "r");
  if (!file) return 0;
  fscanf(file, "%63s", comm);
  fclose(file);
  return strcmp(comm, name) == 0;
}

/* The ancestor that is no shell and not ourselves: the one that watches us, or its guard. */
static pid_t watcher(void) {
  pid_t pid = getppid();
  while (pid > 1 && has_name(pid, "sh")) pid = parent_of(pid);
  if (pid <= 1) exit(3);
  return pid;
}

/* An attack says whether it had success. */
static void on_watcher(int (*attack)(pid_t)) {
  pid_t pid = watcher(), parent = has_name(pid, "sct") ? parent_of(pid) : 0;
  int reached = attack(pid);
  if (parent && attack(parent)) reached = 1;
  if (reached) puts("reached");
  delete();
}

static int seize(pid_t pid) { return ptrace(PTRACE_SEIZE, pid, 0, 0) == 0; }

static int open_memory(pid_t pid) {
  char path[64];
  snprintf(path, sizeof path, "/proc/%d/mem", pid);
  return open(path, O_RDWR) >= 0;
}

static int read_memory(pid_t pid) {
  char byte, path[64], line[256];
  unsigned long address = 0;
  snprintf(path, sizeof path, "/proc/%d/maps", pid);
  FILE *maps = fopen(path, "r");
  if (maps && fgets(line, sizeof line, maps)) address = strtoul(line, 0, 16);
  struct iovec mine = {&byte, 1}, theirs = {(void *)(address ? address : 0x400000), 1};
  return process_vm_readv(pid, &mine, 1, &theirs, 1, 0) == 1;
}

static int steal_descriptors(pid_t pid) {
  int pidfd = syscall(SYS_pidfd_open, pid, 0), count = 0;
  for (int fd = 0; fd < 256; fd++) count += syscall(SYS_pidfd_getfd, pidfd, fd, 0) >= 0;
  return count > 0;
}

static int no_more_files(pid_t pid) {
  struct rlimit none = {0, 0};
  syscall(SYS_prlimit64, pid, RLIMIT_NOFILE, &none, 0);
  return 0;
}

static int stop_it(pid_t pid) {
  int ends[2];
  char byte;
  if (pipe(ends) < 0) return 0;
  pid_t child = fork();
  if (child == 0) {
    write(ends[1], "", 1);
    usleep(300000);
    kill(pid, SIGCONT);
    _exit(0);
  }
  /* who starts while nobody attends to it waits, too */
  read(ends[0], &byte, 1);
  kill(pid, SIGSTOP);
  return 0;
}

static void seize_sct(void) { on_watcher(seize); }
static void memory_of_sct(void) { on_watcher(open_memory); }
static void read_sct(void) { on_watcher(read_memory); }
static void descriptors_of_sct(void) { on_watcher(steal_descriptors); }
static void limit_sct(void) { on_watcher(no_more_files); }
static void stop_sct(void) { on_watcher(stop_it); }

static const struct {
  const char *name;
  void (*run)(void);
} tricks[] = {
    {"filter-allow", filter_allow},
    {"filter-trace", filter_trace},
    {"filter-log", filter_log},
    {"filter-listen", filter_listen},
    {"untraced", untraced},
    {"untraced3", untraced3},
    {"traces-options", traces_options},
    {"traces-old-options", traces_old_options},
    {"traces-seize", traces_seize},
    {"vfork", by_vfork},
    {"exec", from_thread_exec},
    {"traced", traced},
    {"namespaces", namespaces},
    {"not-dumpable", not_dumpable},
    {"close-all", close_all},
    {"cover-all", cover_all},
    {"seize-sct", seize_sct},
    {"memory-of-sct", memory_of_sct},
    {"read-sct", read_sct},
    {"descriptors-of-sct", descriptors_of_sct},
    {"limit-sct", limit_sct},
    {"stop-sct", stop_sct},
};

int main(int argc, char **argv) {
  if (argc != 3) return 2;
  file = argv[2];
  for (unsigned i = 0; i < sizeof tricks / sizeof *tricks; i++) {
    if (strcmp(argv[1], tricks[i].name) != 0) continue;
    tricks[i].run();
    return access(file, F_OK) == 0;
  }
  return 2;
}
