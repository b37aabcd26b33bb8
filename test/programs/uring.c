/*
 * One operation through io_uring, without the system call that it stands for:
 *
 *   uring unlink PATH | uring write PATH (opens for writing) | uring fsync PATH | uring setxattr PATH
 *   uring put PATH (writes a byte to a file that open(2) opened) | uring submit PATH (the same through io_submit)
 *
 * Prints the result as the kernel gives it: 0 or more, or a negative errno.
 */
#include <fcntl.h>
#include <errno.h>
#include <linux/aio_abi.h>
#include <linux/io_uring.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

static char *map_ring(int fd, size_t size, off_t offset) {
  void *at = mmap(0, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, fd, offset);
  return at == MAP_FAILED ? 0 : at;
}

static int submit_aio(const char *path) {
  aio_context_t context = 0;
  struct iocb request = {.aio_lio_opcode = IOCB_CMD_PWRITE, .aio_fildes = open(path, O_WRONLY)};
  struct iocb *requests[] = {&request};
  struct io_event event;
  request.aio_buf = (unsigned long)"2";
  request.aio_nbytes = 1;
  if (syscall(SYS_io_setup, 1, &context) < 0) return 3;
  long result = syscall(SYS_io_submit, context, 1, requests);
  if (result < 0) result = -errno;
  else if (syscall(SYS_io_getevents, context, 1, 1, &event, 0) == 1) result = event.res;
  printf("%ld\n", result);
  return 0;
}

int main(int argc, char **argv) {
  struct io_uring_params params = {0};
  if (argc != 3) return 2;
  if (strcmp(argv[1], "submit") == 0) return submit_aio(argv[2]);
  int fd = (int)syscall(SYS_io_uring_setup, 4, &params);
  if (fd < 0) return 3;
  char *submit = map_ring(fd, params.sq_off.array + params.sq_entries * sizeof(unsigned), IORING_OFF_SQ_RING);
  char *complete =
      map_ring(fd, params.cq_off.cqes + params.cq_entries * sizeof(struct io_uring_cqe), IORING_OFF_CQ_RING);
  struct io_uring_sqe *entry =
      (struct io_uring_sqe *)map_ring(fd, params.sq_entries * sizeof(struct io_uring_sqe), IORING_OFF_SQES);
  if (!submit || !complete || !entry) return 4;
  memset(entry, 0, sizeof *entry);
  entry->fd = AT_FDCWD;
  entry->addr = (unsigned long)argv[2];
  if (strcmp(argv[1], "unlink") == 0) {
    entry->opcode = IORING_OP_UNLINKAT;
  } else if (strcmp(argv[1], "fsync") == 0) {
    entry->opcode = IORING_OP_FSYNC;
    entry->fd = open(argv[2], O_RDONLY);
    entry->addr = 0;
  } else if (strcmp(argv[1], "put") == 0) {
    entry->opcode = IORING_OP_WRITE;
    entry->fd = open(argv[2], O_WRONLY);
    entry->addr = (unsigned long)"2";
    entry->len = 1;
  } else if (strcmp(argv[1], "setxattr") == 0) {
    entry->opcode = IORING_OP_SETXATTR;
    entry->fd = 0;
    entry->addr = (unsigned long)"user.sct";
    entry->addr2 = (unsigned long)"2";
    entry->addr3 = (unsigned long)argv[2];
    entry->len = 1;
  } else {
    entry->opcode = IORING_OP_OPENAT;
    entry->open_flags = O_WRONLY;
  }
  *(unsigned *)(submit + params.sq_off.array) = 0;
  __atomic_store_n((unsigned *)(submit + params.sq_off.tail), 1, __ATOMIC_RELEASE);
  if (syscall(SYS_io_uring_enter, fd, 1, 1, IORING_ENTER_GETEVENTS, 0, 0) < 0) return 5;
  printf("%d\n", ((struct io_uring_cqe *)(complete + params.cq_off.cqes))->res);
  return 0;
}
