/* Makes children by clone(SIGCHLD); parent and child say by their status whether the registers of the call are as they were. */
#include <signal.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define CHILDREN 50

int main(void) {
  int changed = 0;
  for (int i = 0; i < CHILDREN; i++) {
    long result, flags = SIGCHLD;
    register long r10 __asm__("r10") = 0;
    register long r8 __asm__("r8") = 0;
    __asm__ volatile("syscall"
                     : "=a"(result), "+D"(flags)
                     : "a"(SYS_clone), "S"(0L), "d"(0L), "r"(r10), "r"(r8)
                     : "rcx", "r11", "memory");
    if (result == 0) _exit(flags == SIGCHLD ? 0 : 1);
    int status = 0;
    if (result < 0 || waitpid(result, &status, __WALL) != result) return 1;
    if (status != 0 || flags != SIGCHLD) changed++;
  }
  printf("%d children, %d with other registers\n", CHILDREN, changed);
  return 0;
}
