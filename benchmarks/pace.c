/*
 * Makes access(2) calls at a rate, from several processes, on paths as a busy machine has them: half of the calls
 * go to 100 paths, half to 100,000.
 *
 *   pace CALLS RATE PROCESSES     calls of all processes together; a rate of 0: as fast as they can
 *
 * Prints how many ns it took from the first call to the end of the last process. Behind its pace a process makes up
 * for it, so the rate holds on a machine that does other work, too.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* calls between two looks at the clock */
#define BURST 50

static long long now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static void wait_until(long long when) {
  struct timespec t = {when / 1000000000LL, when % 1000000000LL};
  clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL);
}

static void work(long calls, double rate, unsigned seed) {
  char path[] = "/srv/www/site/node_modules/package-0000000/index.js";
  char *last = path + sizeof("/srv/www/site/node_modules/package-0000000") - 2;
  long long start = now();
  for (long i = 0; i < calls; i++) {
    if (rate > 0 && i % BURST == 0) wait_until(start + (long long)(i / rate * 1e9));
    seed = seed * 1664525 + 1013904223;
    unsigned number = seed >> 31 ? (seed >> 8) % 100 : (seed >> 8) % 100000;
    char *digit = last;
    for (int n = 0; n < 7; n++, number /= 10) *digit-- = '0' + number % 10;
    access(path, F_OK);
  }
}

int main(int argc, char **argv) {
  if (argc < 4) return 2;
  long calls = atol(argv[1]), processes = atol(argv[3]);
  double rate = atof(argv[2]);
  if (processes < 1) return 2;
  long long start = now();
  for (long n = 0; n < processes; n++) {
    long share = calls / processes + (n < calls % processes);
    if (fork() == 0) {
      work(share, rate / processes, n * 7919 + 1);
      _exit(0);
    }
  }
  while (wait(NULL) > 0) {
  }
  printf("%lld\n", now() - start);
  return 0;
}
