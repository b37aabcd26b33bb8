/*
 * Makes a call under one thread name after the other, so that rules on COMM choose what becomes of it, and says
 * whether it had its effect.
 *
 *   effects CALL NAME...       for each name a line: NAME ERRNO EFFECT, with EFFECT 1 if the call did what it is for
 *   effects rounds COUNT       in each round deletes what a rule protects, then makes calls of many kinds; prints how
 *                              many deletions gave EACCES or ENOENT, and how many of the other calls failed
 *   effects delete PATH...     deletes one after the other; the exit status is the errno of the last
 *   effects handler PATH OTHER [FIFO]
 *                              deletes PATH; at SIGUSR1 a handler deletes OTHER, and waits for a writer of FIFO;
 *                              prints the errnos of both, handler first, -1 if it never ran
 *
 * Runs as root in an empty directory. All that is needed for a call is made ready before the name is taken on.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static int here(const char *path) { return access(path, F_OK) == 0; }

static void make(const char *path) { close(creat(path, 0600)); }

/* One test: ready() once, then call() for each name; done() reports whether call() had its effect. */
struct test {
  const char *name;
  void (*ready)(void);
  long (*call)(void);
  int (*done)(void);
};

static long result;

static long call_open(void) { return result = syscall(SYS_open, "new", O_CREAT | O_WRONLY, 0600); }
static int done_open(void) { return here("new"); }

static void ready_old(void) { make("old"); }
static long call_unlink(void) { return syscall(SYS_unlink, "old"); }
static int done_unlink(void) { return !here("old"); }
static long call_rename(void) { return syscall(SYS_rename, "old", "new"); }
static int done_rename(void) { return here("new") || !here("old"); }
static long call_chmod(void) { return syscall(SYS_chmod, "old", 0640); }
static int done_chmod(void) {
  struct stat of;
  return stat("old", &of) == 0 && (of.st_mode & 0777) == 0640;
}

static long call_mkdir(void) { return syscall(SYS_mkdir, "new", 0700); }

static int listener, client;
static struct sockaddr_in address = {.sin_family = AF_INET};
static void ready_connect(void) {
  socklen_t size = sizeof address;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  bind(listener, (struct sockaddr *)&address, size);
  getsockname(listener, (struct sockaddr *)&address, &size);
  listen(listener, 5);
  client = socket(AF_INET, SOCK_STREAM, 0);
}
static long call_connect(void) { return syscall(SYS_connect, client, &address, sizeof address); }
static int done_connect(void) {
  int fd = accept(listener, NULL, NULL);
  if (fd >= 0) close(fd);
  return fd >= 0;
}

/* In a child that shares our memory: an exec that happens ends it with a status of its own. */
static volatile int exec_errno, exec_happened;
static char *const arguments[] = {"sh", "-c", "exit 42", NULL};
static char *const environment[] = {NULL};
static long call_execve(void) {
  int status;
  exec_errno = 0;
  pid_t child = vfork();
  if (child == 0) {
    syscall(SYS_execve, "/bin/sh", arguments, environment);
    exec_errno = errno;
    _exit(0);
  }
  waitpid(child, &status, 0);
  exec_happened = WIFEXITED(status) && WEXITSTATUS(status) == 42;
  errno = exec_errno;
  return exec_errno == 0 ? 0 : -1;
}
static int done_execve(void) { return exec_happened; }

static void ready_directory(void) { mkdir("old", 0700); }
static long call_mount(void) { return syscall(SYS_mount, "none", "old", "tmpfs", 0, NULL); }
static int done_mount(void) { return umount("old") == 0; }

static pid_t tracee;
static void ready_ptrace(void) {
  tracee = fork();
  if (tracee == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    for (;;) pause();
  }
}
static long call_ptrace(void) { return syscall(SYS_ptrace, PTRACE_SEIZE, tracee, 0, 0); }
static int done_ptrace(void) {
  char path[64], line[256];
  int tracer = 0;
  sprintf(path, "/proc/%d/status", tracee);
  FILE *status = fopen(path, "r");
  while (fgets(line, sizeof line, status))
    if (sscanf(line, "TracerPid: %d", &tracer) == 1) break;
  fclose(status);
  return tracer != 0;
}

static volatile int signals;
static void on_signal(int signal) { signals += signal == SIGUSR1; }
static void ready_kill(void) { signal(SIGUSR1, on_signal); }
static long call_kill(void) { return syscall(SYS_kill, getpid(), SIGUSR1); }
static int done_kill(void) { return signals != 0; }

static long call_setuid(void) { return syscall(SYS_setuid, 12345); }
static int done_setuid(void) { return getuid() == 12345; }

static long call_bpf(void) {
  union bpf_attr attr = {.map_type = BPF_MAP_TYPE_ARRAY, .key_size = 4, .value_size = 8, .max_entries = 1};
  return result = syscall(SYS_bpf, BPF_MAP_CREATE, &attr, sizeof attr);
}
static int done_descriptor(void) { return result >= 0; }

/* Long enough to be looked at, and no module: what the kernel says of it itself is ENOEXEC. */
static char image[8192];
static long call_init_module(void) { return syscall(SYS_init_module, image, sizeof image, ""); }
static int done_nothing(void) { return 0; }

static long call_access(void) { return result = syscall(SYS_access, ".", R_OK); }

static long call_socket(void) { return result = syscall(SYS_socket, AF_INET, SOCK_STREAM, 0); }

static const struct test tests[] = {
    {"open", NULL, call_open, done_open},
    {"connect", ready_connect, call_connect, done_connect},
    {"execve", NULL, call_execve, done_execve},
    {"mount", ready_directory, call_mount, done_mount},
    {"ptrace", ready_ptrace, call_ptrace, done_ptrace},
    {"kill", ready_kill, call_kill, done_kill},
    {"rename", ready_old, call_rename, done_rename},
    {"mkdir", NULL, call_mkdir, done_open},
    {"chmod", ready_old, call_chmod, done_chmod},
    {"setuid", NULL, call_setuid, done_setuid},
    {"bpf", NULL, call_bpf, done_descriptor},
    {"init_module", NULL, call_init_module, done_nothing},
    {"socket", NULL, call_socket, done_descriptor},
    {"unlink", ready_old, call_unlink, done_unlink},
    {"access", NULL, call_access, done_descriptor},
};

/* Nothing that is decided about one call may reach another: all of these succeed. */
static int other_call(long kind) {
  struct stat of;
  int fd, ends[2], status;
  pid_t child;
  switch (kind) {
    case 0:
      fd = syscall(SYS_open, "free", O_CREAT | O_RDWR, 0600);
      return fd < 0 || syscall(SYS_write, fd, "x", 1) != 1 || syscall(SYS_close, fd) != 0;
    case 1: return syscall(SYS_mkdir, "directory", 0700) != 0;
    case 2: return syscall(SYS_rename, "free", "directory/free") != 0;
    case 3: return syscall(SYS_unlink, "directory/free") != 0;
    case 4: return syscall(SYS_rmdir, "directory") != 0;
    case 5:
      return syscall(SYS_pipe, ends) != 0 || syscall(SYS_close, ends[0]) + syscall(SYS_close, ends[1]) != 0;
    case 6:
      fd = syscall(SYS_socket, AF_UNIX, SOCK_STREAM, 0);
      return fd < 0 || syscall(SYS_close, fd) != 0;
    case 7: return syscall(SYS_kill, getpid(), 0) != 0;
    case 8: return syscall(SYS_stat, ".", &of) != 0;
    default:
      if (kind % 1000 != 9) return syscall(SYS_chmod, ".", 0700) != 0;
      child = syscall(SYS_fork);
      if (child == 0) _exit(other_call(8));
      waitpid(child, &status, 0);
      return status != 0;
  }
}

static int rounds(long count) {
  long denied = 0, missing = 0, failed = 0;
  make("protected");
  for (long n = 0; n < count; n++) {
    denied += syscall(SYS_unlink, "protected") < 0 && errno == EACCES;
    failed += other_call(n % 10 == 9 ? n : n % 10);
    /* this one is decided on as well, and fails before any hook could say so */
    missing += syscall(SYS_unlink, "protected-missing") < 0 && errno == ENOENT;
    failed += other_call(8);
  }
  printf("%ld %ld %ld\n", denied, missing, failed);
  return 0;
}

static const char *other, *fifo;
static volatile int handler_errno = -1;
static void on_usr1(int signal) {
  (void)signal;
  handler_errno = syscall(SYS_unlink, other) < 0 ? errno : 0;
  if (fifo) close(open(fifo, O_RDONLY));
}
static int handler(const char *path) {
  signal(SIGUSR1, on_usr1);
  int error = syscall(SYS_unlink, path) < 0 ? errno : 0;
  printf("%d %d\n", handler_errno, error);
  return 0;
}

int main(int argc, char **argv) {
  if (argc > 3 && strcmp(argv[1], "handler") == 0) {
    other = argv[3];
    fifo = argv[4];
    return handler(argv[2]);
  }
  if (argc == 3 && strcmp(argv[1], "rounds") == 0) return rounds(atol(argv[2]));
  if (argc > 2 && strcmp(argv[1], "delete") == 0) {
    int error = 0;
    for (int n = 2; n < argc; n++) error = syscall(SYS_unlink, argv[n]) < 0 ? errno : 0;
    return error;
  }
  for (unsigned i = 0; argc > 1 && i < sizeof tests / sizeof *tests; i++) {
    const struct test *test = &tests[i];
    if (strcmp(test->name, argv[1]) != 0) continue;
    if (test->ready) test->ready();
    for (int n = 2; n < argc; n++) {
      prctl(PR_SET_NAME, argv[n]);
      int failed = test->call() < 0, error = errno;
      prctl(PR_SET_NAME, "effects");
      printf("%s %d %d\n", argv[n], failed ? error : 0, test->done());
    }
    fflush(stdout);
    if (tracee > 0) kill(tracee, SIGKILL);
    return 0;
  }
  return 2;
}
