/*
 * Opens a file that is not there, many times and from several threads, and checks after each call that its own
 * string and all registers that the call must leave alone are as they were. The file that the supervisor puts in
 * its place must be the one that is opened.
 */
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define THREADS 4
#define CALLS 250

static int failures;

static void *work(void *arg) {
  char path[64];
  snprintf(path, sizeof path, "/from/%ld", (long)arg);
  char before[64];
  memcpy(before, path, sizeof path);
  for (int i = 0; i < CALLS; i++) {
    long result;
    register long rdi __asm__("rdi") = -100;
    register long rsi __asm__("rsi") = (long)path;
    register long rdx __asm__("rdx") = 01; /* O_WRONLY */
    register long r10 __asm__("r10") = 0x1234;
    register long r8 __asm__("r8") = 0x5678;
    register long r9 __asm__("r9") = 0x9abc;
    __asm__ volatile("syscall"
                     : "=a"(result), "+r"(rdi), "+r"(rsi), "+r"(rdx), "+r"(r10), "+r"(r8), "+r"(r9)
                     : "a"(257L)
                     : "rcx", "r11", "memory");
    /* calls of functions would change the registers before they are looked at */
    long after[] = {rdi, rsi, rdx, r10, r8, r9};
    long expected[] = {-100, (long)path, 01, 0x1234, 0x5678, 0x9abc};
    char text[16] = {0};
    int is_good = result >= 0 && read((int)result, text, sizeof text) == 11 &&
                  memcmp(text, "other text\n", 11) == 0 &&
                  memcmp(after, expected, sizeof after) == 0 &&
                  memcmp(path, before, sizeof path) == 0;
    if (!is_good) __atomic_add_fetch(&failures, 1, __ATOMIC_SEQ_CST);
    if (result >= 0) close((int)result);
  }
  return 0;
}

int main(void) {
  pthread_t threads[THREADS];
  for (long i = 0; i < THREADS; i++) pthread_create(&threads[i], 0, work, (void *)i);
  for (int i = 0; i < THREADS; i++) pthread_join(threads[i], 0);
  if (failures != 0) {
    printf("%d calls went wrong\n", failures);
    return 1;
  }
  printf("%d calls, %d threads: arguments and registers are as they were\n", THREADS * CALLS, THREADS);
  return 0;
}
