/*
 * Makes one system call many times and says how long each batch of calls took.
 *
 *   trigger BATCHES COUNT NR GAP [ARG]     GAP: ns between batches; ARG: a number, or @TEXT for the address of TEXT, in the first
 * two registers
 *
 * Prints the start (CLOCK_MONOTONIC, ns) and the ns of each batch, in one line. Batches are short, so that most of
 * them run without losing the processor to somebody else; their median is what a call costs.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static long long now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static void batch(long count, long nr, long arg) {
  for (long i = 0; i < count; i++) {
    long result;
    register long r10 __asm__("r10") = 0;
    __asm__ volatile("syscall"
                     : "=a"(result)
                     : "a"(nr), "D"(arg), "S"(arg), "d"(0), "r"(r10)
                     : "rcx", "r11", "memory");
  }
}

int main(int argc, char **argv) {
  if (argc < 5) return 2;
  long batches = atol(argv[1]), count = atol(argv[2]), nr = atol(argv[3]), gap = atol(argv[4]), arg = 0;
  if (argc > 5) arg = argv[5][0] == '@' ? (long)(argv[5] + 1) : atol(argv[5]);
  long long *times = calloc(batches, sizeof *times);
  batch(count < 100 ? count : 100, 39, 0);
  long long start = now();
  for (long i = 0; i < batches; i++) {
    long long before = now();
    batch(count, nr, arg);
    times[i] = now() - before;
    if (gap > 0)
      for (long long end = now() + gap; now() < end;) {}
  }
  printf("%lld", start);
  for (long i = 0; i < batches; i++) printf(" %lld", times[i]);
  printf("\n");
  return 0;
}
