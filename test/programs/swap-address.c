/*
 * Tries to connect to an address that a rule forbids, by changing it between the moment at which it is looked at and the
 * moment at which the kernel reads it:
 *
 *   swap-address ROUNDS    connects a datagram socket to 127.0.0.1, which a second thread turns into 127.0.0.2 and back
 *
 * Prints how often it was connected and denied; exit status 0, or 1 if a socket was connected to 127.0.0.2.
 */
#include <arpa/inet.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static struct sockaddr_in address = {.sin_family = AF_INET};
static volatile int stop;

static void *swap(void *unused) {
  volatile in_addr_t *to = &address.sin_addr.s_addr;
  for (unsigned i = 0; !stop; i++) *to = htonl(INADDR_LOOPBACK + (i & 1));
  return unused;
}

int main(int argc, char **argv) {
  int made = 0, denied = 0, wrong = 0;
  pthread_t thread;
  if (argc != 2) return 2;
  address.sin_port = htons(9);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  pthread_create(&thread, NULL, swap, NULL);
  for (int i = atoi(argv[1]); i > 0; i--) {
    struct sockaddr_in peer = {0};
    socklen_t size = sizeof peer;
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    if (connect(fd, (struct sockaddr *)&address, sizeof address) != 0) denied++;
    else if (getpeername(fd, (struct sockaddr *)&peer, &size) == 0) {
      made++;
      wrong += peer.sin_addr.s_addr != htonl(INADDR_LOOPBACK);
    }
    close(fd);
  }
  stop = 1;
  pthread_join(thread, NULL);
  printf("%d made, %d denied, %d wrong\n", made, denied, wrong);
  return wrong > 0;
}
