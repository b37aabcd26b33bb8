/*
 * Situations that a single call cannot make: threads, memory that is not there yet, exec from odd places.
 *
 *   scenes unfaulted FILE CALL   passes the text in FILE to the call without ever having touched it
 *   scenes literal               opens a literal on a page of its own that nothing touched before
 *   scenes thread-exec PROGRAM   a second thread calls execve
 *   scenes vfork PROGRAM         vfork, then execve in the child
 *   scenes storm THREADS COUNT   every thread unlinks COUNT names of its own, /storm/TID/N..., as long as they get
 *   scenes swap COUNT            one thread calls unlink, another changes the text all the time
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static char *const no_arguments[] = {"program", NULL};
static char *const no_environment[] = {NULL};

/* Text of a file at an address that this process has no page table entry for. */
static char *unfaulted(const char *file) {
  int fd = open(file, O_RDONLY);
  char *text = mmap(NULL, 3 * 4096, PROT_READ, MAP_PRIVATE, fd, 0);
  close(fd);
  return text == MAP_FAILED ? NULL : text;
}

static int pass_unfaulted(const char *file, const char *call) {
  char *text = unfaulted(file);
  if (strcmp(call, "open") == 0) return syscall(SYS_openat, AT_FDCWD, text, O_RDONLY) < 0;
  if (strcmp(call, "unlink") == 0) return syscall(SYS_unlink, text) < 0;
  if (strcmp(call, "rename") == 0) return syscall(SYS_rename, "/nonexistent/old", text) < 0;
  if (strcmp(call, "rename2") == 0) return syscall(SYS_rename, text, unfaulted(file)) < 0;
  if (strcmp(call, "exec") == 0) return syscall(SYS_execve, text, no_arguments, no_environment) < 0;
  if (strcmp(call, "execat") == 0)
    return syscall(SYS_execveat, AT_FDCWD, text, no_arguments, no_environment, 0) < 0;
  if (strcmp(call, "execat-in") == 0)
    return syscall(SYS_execveat, open("/bin", O_PATH | O_DIRECTORY), text, no_arguments, no_environment, 0) < 0;
  if (strcmp(call, "execat-fd") == 0) {
    int fd = -1;
    /* a descriptor of two digits */
    while (fd < 10) fd = open("/bin/true", O_PATH);
    return syscall(SYS_execveat, fd, text, no_arguments, no_environment, AT_EMPTY_PATH) < 0;
  }
  return 2;
}

/* As large as what the kernel maps around a page that is touched (fault_around_bytes). */
__attribute__((aligned(65536))) static const char page[65536] = "/nonexistent/literal";
static const char *const volatile literal = page;

static void *exec_here(void *program) {
  execve(program, no_arguments, no_environment);
  _exit(1);
}

static long storm_count;

static void *storm(void *unused) {
  (void)unused;
  char name[4200];
  long tid = syscall(SYS_gettid);
  for (long n = 0; n < storm_count; n++) {
    int length = sprintf(name, "/storm/%ld/%ld/", tid, n);
    int total = length + (int)((n * 37) % 3000);
    memset(name + length, 'a' + tid % 26, total - length);
    name[total] = 0;
    syscall(SYS_unlink, name);
  }
  return NULL;
}

static char swapped[64] = "/swap/aaaaaaaaaaaaaaaaaaaaaaaa";
static volatile int swapping = 1;

static void *swap(void *unused) {
  (void)unused;
  for (char c = 'a'; swapping; c = c == 'z' ? 'a' : c + 1) memset(swapped + 6, c, 24);
  return NULL;
}

int main(int argc, char **argv) {
  const char *scene = argc > 1 ? argv[1] : "";
  if (strcmp(scene, "unfaulted") == 0 && argc == 4) return pass_unfaulted(argv[2], argv[3]);
  if (strcmp(scene, "literal") == 0) return syscall(SYS_openat, AT_FDCWD, literal, O_RDONLY) >= 0;
  pthread_t threads[64];
  if (strcmp(scene, "thread-exec") == 0 && argc == 3) {
    pthread_create(&threads[0], NULL, exec_here, argv[2]);
    pthread_join(threads[0], NULL);
  }
  if (strcmp(scene, "vfork") == 0 && argc == 3) {
    pid_t child = vfork();
    if (child == 0) {
      execve(argv[2], no_arguments, no_environment);
      _exit(1);
    }
    int status;
    waitpid(child, &status, 0);
    return 0;
  }
  if (strcmp(scene, "storm") == 0 && argc == 4) {
    int count = atoi(argv[2]);
    storm_count = atol(argv[3]);
    for (int i = 0; i < count; i++) pthread_create(&threads[i], NULL, storm, NULL);
    for (int i = 0; i < count; i++) pthread_join(threads[i], NULL);
    return 0;
  }
  if (strcmp(scene, "swap") == 0 && argc == 3) {
    pthread_create(&threads[0], NULL, swap, NULL);
    for (long n = atol(argv[2]); n > 0; n--) syscall(SYS_unlink, swapped);
    swapping = 0;
    pthread_join(threads[0], NULL);
    return 0;
  }
  return 2;
}
