/*
 * Unix sockets, by the calls that take an address. A name that begins with @ is abstract.
 *
 *   sockets serve STREAM DATAGRAM   binds both, prints "ready" and waits until standard input ends
 *   sockets NAME... CALL...         makes each CALL with each NAME: `stream` and `datagram` connect, bind, sendto, sendmsg,
 *                                   sendmmsg (two messages: to no name that is served, then to NAME), uring (connects)
 *
 * Prints a line "CALL NAME ERRNO" for each; of sendmmsg the errno is 0 if the second message was sent, else 1.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/io_uring.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

struct name {
  struct sockaddr_un address;
  socklen_t length;
};

static struct name named(const char *text) {
  struct name name = {.address.sun_family = AF_UNIX};
  size_t length = strlen(text);
  strcpy(name.address.sun_path, text);
  if (text[0] == '@') name.address.sun_path[0] = 0;
  else length++;
  name.length = offsetof(struct sockaddr_un, sun_path) + length;
  return name;
}

static int unbound(int type) {
  int fd = socket(AF_UNIX, type | SOCK_NONBLOCK, 0);
  if (fd < 0) exit(3);
  return fd;
}

static struct msghdr to(struct name *name, struct iovec *text) {
  return (struct msghdr){.msg_name = name ? &name->address : 0,
                         .msg_namelen = name ? name->length : 0,
                         .msg_iov = text,
                         .msg_iovlen = 1};
}

static long by_ring(struct name *name) {
  struct io_uring_params params = {0};
  int fd = (int)syscall(SYS_io_uring_setup, 4, &params);
  if (fd < 0) return -1;
  size_t size = params.sq_off.array + params.sq_entries * sizeof(unsigned);
  size_t done = params.cq_off.cqes + params.cq_entries * sizeof(struct io_uring_cqe);
  char *submit = mmap(0, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, IORING_OFF_SQ_RING);
  char *complete = mmap(0, done, PROT_READ | PROT_WRITE, MAP_SHARED, fd, IORING_OFF_CQ_RING);
  struct io_uring_sqe *entry = mmap(0, params.sq_entries * sizeof *entry, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
                                    IORING_OFF_SQES);
  if (submit == MAP_FAILED || complete == MAP_FAILED || entry == MAP_FAILED) exit(4);
  memset(entry, 0, sizeof *entry);
  entry->opcode = IORING_OP_CONNECT;
  entry->fd = unbound(SOCK_STREAM);
  entry->addr = (unsigned long)&name->address;
  entry->off = name->length;
  *(unsigned *)(submit + params.sq_off.array) = 0;
  __atomic_store_n((unsigned *)(submit + params.sq_off.tail), 1, __ATOMIC_RELEASE);
  if (syscall(SYS_io_uring_enter, fd, 1, 1, IORING_ENTER_GETEVENTS, 0, 0) < 0) exit(5);
  int result = ((struct io_uring_cqe *)(complete + params.cq_off.cqes))->res;
  close(entry->fd);
  close(fd);
  errno = -result;
  return result < 0 ? -1 : 0;
}

static int attempt(const char *call, struct name *name) {
  struct iovec text = {"x", 1};
  int fd = -1;
  long result;
  errno = 0;
  if (strcmp(call, "uring") == 0) return by_ring(name) < 0 ? errno : 0;
  if (strcmp(call, "stream") == 0 || strcmp(call, "datagram") == 0) {
    fd = unbound(call[0] == 's' ? SOCK_STREAM : SOCK_DGRAM);
    result = connect(fd, (struct sockaddr *)&name->address, name->length);
  } else if (strcmp(call, "bind") == 0) {
    fd = unbound(SOCK_STREAM);
    result = bind(fd, (struct sockaddr *)&name->address, name->length);
  } else if (strcmp(call, "sendto") == 0) {
    fd = unbound(SOCK_DGRAM);
    result = sendto(fd, "x", 1, 0, (struct sockaddr *)&name->address, name->length);
  } else if (strcmp(call, "sendmsg") == 0) {
    struct msghdr message = to(name, &text);
    fd = unbound(SOCK_DGRAM);
    result = sendmsg(fd, &message, 0);
  } else if (strcmp(call, "sendmmsg") == 0) {
    /* connected to a socket of our own, which gets the first message */
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_DGRAM, 0, pair) < 0) exit(3);
    struct mmsghdr messages[2] = {{.msg_hdr = to(0, &text)}, {.msg_hdr = to(name, &text)}};
    result = sendmmsg(pair[0], messages, 2, 0);
    close(pair[0]);
    close(pair[1]);
    return result == 2 ? 0 : result < 0 ? errno : 1;
  } else {
    exit(2);
  }
  int failed = result < 0 ? errno : 0;
  close(fd);
  return failed;
}

int main(int argc, char **argv) {
  static const char *const calls[] = {"stream", "datagram", "bind", "sendto", "sendmsg", "sendmmsg", "uring"};
  if (argc == 4 && strcmp(argv[1], "serve") == 0) {
    char byte;
    for (int i = 2; i < 4; i++) {
      struct name name = named(argv[i]);
      int fd = unbound(i == 2 ? SOCK_STREAM : SOCK_DGRAM);
      if (bind(fd, (struct sockaddr *)&name.address, name.length) < 0) return 6;
      if (i == 2 && listen(fd, 100) < 0) return 6;
    }
    puts("ready");
    fflush(stdout);
    while (read(0, &byte, 1) > 0) {
    }
    return 0;
  }
  for (int i = 1; i < argc; i++) {
    for (unsigned c = 0; c < sizeof calls / sizeof *calls; c++) {
      if (strcmp(argv[i], calls[c]) != 0) continue;
      for (int n = 1; n < argc; n++) {
        if (argv[n][0] != '@' && !strchr(argv[n], '/')) continue;
        struct name name = named(argv[n]);
        printf("%s %s %d\n", calls[c], argv[n], attempt(calls[c], &name));
      }
    }
  }
  return 0;
}
