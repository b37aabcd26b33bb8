/*
 * Calls that signals interrupt, and what the program does about it:
 *
 *   interrupted eintr N            N reads that end with EINTR; its handler makes a call of its own
 *   interrupted restart N          N reads during which a signal comes, and which the kernel makes again
 *   interrupted jump N             N reads that the handler leaves by siglongjmp
 *   interrupted swap-after A B     opens the FIFO A until a signal comes, then B by the same call; "errno N"
 *   interrupted swap-in A B        the same, but the handler puts B in place of A and the kernel makes the call again
 *   interrupted swap-stopped A B   deletes A; a handler for SIGCONT puts B in its place
 *   interrupted poll               a poll of 600 ms during which the process stops and continues
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

static char path[4096];
static const char *other;
static int ends[2];
static sigjmp_buf out;
static volatile int jumps;

static void swap(int signal) {
  (void)signal;
  if (other) strcpy(path, other);
}

static void call(int signal) {
  (void)signal;
  syscall(SYS_getppid);
}

static void leave(int signal) {
  (void)signal;
  jumps++;
  siglongjmp(out, 1);
}

static void give(int signal) {
  (void)signal;
  write(ends[1], "x", 1);
}

static void handle(int signal, void (*handler)(int), int flags) {
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_handler = handler;
  action.sa_flags = flags;
  sigaction(signal, &action, 0);
}

static void alarm_soon(void) {
  struct itimerval soon = {{0, 0}, {0, 20000}};
  setitimer(ITIMER_REAL, &soon, 0);
}

/* Once more and again: the first signal may come before the call that it is to interrupt. */
static void alarm_often(void) {
  struct itimerval often = {{0, 50000}, {0, 20000}};
  setitimer(ITIMER_REAL, &often, 0);
}

static long read_one(void) {
  char byte;
  return syscall(SYS_read, ends[0], &byte, 1);
}

static int open_path(void) { return syscall(SYS_openat, AT_FDCWD, path, O_RDONLY, 0); }

static int said(long result) {
  printf("errno %d\n", result < 0 ? errno : 0);
  return 0;
}

int main(int argc, char **argv) {
  if (argc < 2 || pipe(ends) < 0) return 2;
  const char *mode = argv[1];
  int count = argc > 2 ? atoi(argv[2]) : 0;
  if (argc > 3) strcpy(path, argv[2]);
  if (strcmp(mode, "eintr") == 0) {
    handle(SIGALRM, call, 0);
    for (int i = 0; i < count; i++) {
      alarm_soon();
      if (read_one() >= 0 || errno != EINTR) return 1;
    }
    return 0;
  }
  if (strcmp(mode, "restart") == 0) {
    handle(SIGALRM, give, SA_RESTART);
    for (int i = 0; i < count; i++) {
      alarm_soon();
      if (read_one() != 1) return 1;
    }
    return 0;
  }
  if (strcmp(mode, "jump") == 0) {
    handle(SIGALRM, leave, 0);
    sigsetjmp(out, 1);
    if (jumps < count) {
      alarm_soon();
      read_one();
      return 1;
    }
    return 0;
  }
  if (strcmp(mode, "swap-after") == 0) {
    handle(SIGALRM, swap, 0);
    alarm_often();
    if (open_path() >= 0 || errno != EINTR) return 1;
    strcpy(path, argv[3]);
    return said(open_path());
  }
  if (strcmp(mode, "swap-in") == 0) {
    other = argv[3];
    handle(SIGALRM, swap, SA_RESTART);
    alarm_often();
    return said(open_path());
  }
  if (strcmp(mode, "swap-stopped") == 0) {
    other = argv[3];
    handle(SIGCONT, swap, SA_RESTART);
    return said(syscall(SYS_unlink, path));
  }
  if (strcmp(mode, "poll") == 0) {
    pid_t child = fork();
    struct pollfd wait_for = {ends[0], POLLIN, 0};
    int status;
    if (child == 0) _exit(syscall(SYS_poll, &wait_for, 1, 600) != 0);
    usleep(200000);
    kill(child, SIGSTOP);
    waitpid(child, &status, WUNTRACED);
    kill(child, SIGCONT);
    waitpid(child, &status, 0);
    return WEXITSTATUS(status);
  }
  return 2;
}
