/*
 *   threads COUNT CALLS       COUNT threads make CALLS calls of getppid each
 *   threads exec PROGRAM [ARG]...
 *                             a second thread executes the program while others make calls
 *   threads vfork COUNT       COUNT children by vfork, each of which executes /bin/true
 *   threads timer CALLS       CALLS reads that a timer interrupts all the time; each must give its byte
 */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

static long calls;
static char **program;

static void *make_calls(void *unused) {
  for (long i = 0; i < calls; i++) syscall(SYS_getppid);
  return 0;
}

static void *forever(void *unused) {
  for (;;) syscall(SYS_getppid);
  return 0;
}

static void *execute(void *unused) {
  usleep(20000);
  execv(program[0], program);
  _exit(99);
}

static void on_alarm(int signal) {}

static int vfork_many(long count) {
  for (long i = 0; i < count; i++) {
    pid_t child = vfork();
    if (child == 0) {
      execl("/bin/true", "true", (char *)0);
      _exit(98);
    }
    int status;
    if (child < 0 || waitpid(child, &status, 0) != child || status != 0) return 1;
  }
  return 0;
}

/* SA_RESTART: the program must see no interruption; without it, EINTR */
static int read_under_timer(long count) {
  struct sigaction action = {.sa_handler = on_alarm, .sa_flags = SA_RESTART};
  sigaction(SIGALRM, &action, 0);
  struct itimerval timer = {{0, 300}, {0, 300}};
  int ends[2];
  if (pipe(ends) != 0) return 1;
  if (fork() == 0) {
    for (long i = 0; i < count; i++) {
      usleep(700);
      if (write(ends[1], "x", 1) != 1) _exit(1);
    }
    _exit(0);
  }
  setitimer(ITIMER_REAL, &timer, 0);
  for (long i = 0; i < count; i++) {
    char byte = 0;
    if (read(ends[0], &byte, 1) != 1 || byte != 'x') return 2;
  }
  return 0;
}

int main(int argc, char **argv) {
  if (strcmp(argv[1], "exec") == 0) {
    pthread_t thread;
    program = argv + 2;
    for (int i = 0; i < 8; i++) pthread_create(&thread, 0, forever, 0);
    pthread_create(&thread, 0, execute, 0);
    for (;;) pause();
  }
  if (strcmp(argv[1], "vfork") == 0) return vfork_many(atol(argv[2]));
  if (strcmp(argv[1], "timer") == 0) return read_under_timer(atol(argv[2]));
  long count = atol(argv[1]);
  calls = atol(argv[2]);
  pthread_t *threads = calloc(count, sizeof *threads);
  for (long i = 0; i < count; i++) pthread_create(&threads[i], 0, make_calls, 0);
  for (long i = 0; i < count; i++) pthread_join(threads[i], 0);
  return 0;
}
