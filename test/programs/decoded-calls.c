/* Calls whose lines strace and sctrace must print alike. Results do not depend on the machine. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/msg.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static char *const bad = (char *)-4096L;

static void files(void)
{
	struct stat st;
	struct statx stx;
	struct timespec times[2] = {{1, 2}, {0, UTIME_OMIT}};
	char text[64];

	syscall(SYS_openat, AT_FDCWD, "/dev/null", O_RDWR | O_CLOEXEC | 0x40000000, 0);
	syscall(SYS_openat, -1, bad, O_CREAT | O_WRONLY, 04755);
	syscall(SYS_open, "a\1b\377\"\\\n8", O_RDONLY | O_DIRECTORY, 0);
	syscall(SYS_newfstatat, AT_FDCWD, "/dev/null", &st, AT_SYMLINK_NOFOLLOW);
	syscall(SYS_newfstatat, AT_FDCWD, "/nonexistent", &st, 0x40000000);
	syscall(SYS_fstat, -1, &st);
	syscall(SYS_statx, -100, "/nonexistent", AT_STATX_FORCE_SYNC | AT_SYMLINK_NOFOLLOW, STATX_ALL | 0x10000000, &stx);
	syscall(SYS_utimensat, AT_FDCWD, "/nonexistent", times, 0);
	syscall(SYS_faccessat, AT_FDCWD, "/", R_OK | X_OK);
	syscall(SYS_access, "/nonexistent", F_OK);
	syscall(SYS_mknod, "/nonexistent/a", S_IFCHR | 0600, makedev(1, 3));
	syscall(SYS_mknod, "/nonexistent/a", S_IFREG | S_ISUID | 0644, 0);
	syscall(SYS_umask, 022);
	syscall(SYS_umask, 027);
	syscall(SYS_readlink, "/proc/self/fd/nothing", text, sizeof(text));
	syscall(SYS_lseek, -1, -5L, SEEK_END);
	syscall(SYS_lseek, -1, 5L, 77);
	syscall(SYS_mount, "/a", "/nonexistent", "tmpfs", MS_RDONLY | MS_NOSUID, "size=1");
	syscall(SYS_mount, "/a", "/nonexistent", bad, MS_BIND | MS_REC, bad);
	syscall(SYS_fallocate, -1, 3, 1L, 2L);
	syscall(SYS_setxattr, "/nonexistent", "user.a", "value", 6, 1);
	syscall(SYS_fcntl, 0, F_GETFD);
	syscall(SYS_fcntl, -1, F_SETFL, O_NONBLOCK | O_APPEND);
	struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_END, .l_start = -4, .l_len = 9};
	syscall(SYS_fcntl, -1, F_SETLK, &lock);
	syscall(SYS_fcntl, -1, F_GETLK, &lock);
	syscall(SYS_fcntl, -1, F_SETSIG, SIGRTMIN + 3);
	syscall(SYS_fcntl, -1, 0xbadL, 7L);
}

static void transfers(void)
{
	char text[100];
	int pipes[2];
	struct iovec vec[] = {{"abc", 3}, {bad, 2}, {"de\n", 3}};

	memset(text, 'x', sizeof(text));
	if (pipe2(pipes, O_CLOEXEC)) return;
	syscall(SYS_write, pipes[1], text, 100);
	syscall(SYS_read, pipes[0], text, 40);
	syscall(SYS_read, pipes[0], bad, 40);
	syscall(SYS_writev, pipes[1], vec, 3);
	syscall(SYS_writev, pipes[1], bad, 3);
	syscall(SYS_pread64, -1, text, 5, 7L);
	syscall(SYS_pwritev2, -1, vec, 1, 3, 0, 1);
	syscall(SYS_ioctl, pipes[0], FIONREAD, text);
	syscall(SYS_ioctl, -1, FIONBIO, text);
	syscall(SYS_ioctl, -1, TIOCGWINSZ, text);
	syscall(SYS_ioctl, -1, 0xbadc0dedUL, 7L);
	syscall(SYS_close, pipes[0]);
	syscall(SYS_close, pipes[1]);
}

static void waiting(void)
{
	struct pollfd fds[] = {{1, POLLOUT | POLLWRNORM, 0}, {-1, POLLIN, 0}};
	struct epoll_event event = {.events = EPOLLIN | EPOLLET, .data.u64 = 0x100000002ULL};
	fd_set set;

	FD_ZERO(&set);
	FD_SET(1, &set);
	syscall(SYS_poll, fds, 2, 0);
	syscall(SYS_poll, bad, 2, 0);
	syscall(SYS_select, 2, 0, &set, 0, 0);
	syscall(SYS_epoll_ctl, -1, EPOLL_CTL_ADD, 1, &event);
	syscall(SYS_epoll_ctl, -1, EPOLL_CTL_DEL, 1, &event);
	syscall(SYS_epoll_wait, -1, &event, 1, 0);
}

static void signals(void)
{
	struct { void *handler; unsigned long flags; void *restorer; unsigned long mask; } action =
		{SIG_IGN, SA_RESTART | SA_NODEFER, 0, 0};
	unsigned long mask = 1UL << (SIGINT - 1) | 1UL << 33, full = ~0UL & ~(1UL << 8);
	stack_t stack = {.ss_flags = SS_DISABLE, .ss_size = 8192};

	syscall(SYS_rt_sigaction, SIGUSR1, &action, 0, 8);
	syscall(SYS_rt_sigaction, SIGUSR1, 0, &action, 8);
	syscall(SYS_rt_sigprocmask, SIG_BLOCK, &mask, 0, 8);
	syscall(SYS_rt_sigprocmask, 77, &full, 0, 8);
	syscall(SYS_rt_sigprocmask, SIG_SETMASK, 0, &mask, 8);
	syscall(SYS_sigaltstack, &stack, 0);
	syscall(SYS_kill, 0x7ffffff0, SIGTERM);
	syscall(SYS_kill, 0x7ffffff0, 99);
}

static void times(void)
{
	struct timespec ts = {0, 1};
	struct itimerspec timer = {{1, 2}, {3, 4}};
	struct itimerval interval = {{1, 2}, {0, 0}};

	syscall(SYS_nanosleep, &ts, &ts);
	syscall(SYS_clock_nanosleep, CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, 0);
	syscall(SYS_clock_gettime, 77, &ts);
	syscall(SYS_clock_gettime, -6, bad);
	syscall(SYS_timerfd_create, CLOCK_REALTIME, TFD_NONBLOCK | TFD_CLOEXEC | 1);
	syscall(SYS_timerfd_settime, -1, TFD_TIMER_ABSTIME, &timer, 0);
	syscall(SYS_setitimer, ITIMER_VIRTUAL, &interval, &interval);
}

static void processes(void)
{
	struct rlimit limit = {8192, RLIM_INFINITY};
	int status;
	unsigned word = 1;

	syscall(SYS_getrlimit, 77, &limit);
	syscall(SYS_setrlimit, RLIMIT_CORE, &limit);
	syscall(SYS_prlimit64, 0, RLIMIT_CORE, 0, &limit);
	syscall(SYS_wait4, -1, &status, WNOHANG | __WALL, 0);
	syscall(SYS_prctl, PR_SET_NAME, "a name that is too long");
	syscall(SYS_prctl, PR_GET_NAME, bad);
	syscall(SYS_prctl, PR_SET_PDEATHSIG, 0);
	syscall(SYS_prctl, PR_CAPBSET_READ, 3);
	syscall(SYS_prctl, 0xbadL, 1, 2, 3, 4);
	syscall(SYS_futex, &word, FUTEX_WAIT | FUTEX_PRIVATE_FLAG, 2, 0);
	syscall(SYS_futex, &word, FUTEX_WAKE_OP, 1, 2, &word, FUTEX_OP(FUTEX_OP_ADD, 3, FUTEX_OP_CMP_GT, 4));
	syscall(SYS_futex, &word, 0xbadL, 1, 2, 3, 4);
	syscall(SYS_setns, -1, CLONE_NEWNET);
	syscall(SYS_mmap, 4096L, 1, PROT_READ | 0x100, MAP_PRIVATE | MAP_FIXED_NOREPLACE, -1, 4096L);
	syscall(SYS_madvise, 4096L, 1, 77);
	syscall(SYS_mremap, 4096L, 1, 2, MREMAP_MAYMOVE | MREMAP_FIXED, 8192L);
	syscall(SYS_execve, "/nonexistent", (char *[]){"a", "b\n", 0}, (char *[]){"c=d", 0});
	syscall(SYS_sched_setscheduler, -1, SCHED_FIFO, &word);
	syscall(SYS_personality, 0xffffffffL);
	/* its place among the lines would be chance */
	unsigned long child = 1UL << (SIGCHLD - 1);
	syscall(SYS_rt_sigprocmask, SIG_BLOCK, &child, 0, 8);
	if (!fork()) _exit(3);
	while (wait4(-1, &status, 0, 0) < 0) continue;
	if (!fork()) raise(SIGKILL);
	while (wait4(-1, &status, 0, 0) < 0) continue;
}

static void sockets(void)
{
	struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons(80), .sin_addr.s_addr = htonl(0x7f000001)};
	struct sockaddr_in6 in6 = {.sin6_family = AF_INET6, .sin6_port = htons(1), .sin6_addr = IN6ADDR_LOOPBACK_INIT};
	struct sockaddr_un un = {.sun_family = AF_UNIX, .sun_path = "/nonexistent/s"};
	struct linger linger = {1, 2};
	char text[16];
	int pair[2], one = 1;
	socklen_t length = sizeof(one);

	syscall(SYS_socket, AF_INET, SOCK_STREAM | SOCK_CLOEXEC | 0x100, IPPROTO_TCP);
	syscall(SYS_socket, 99, 77, 3);
	syscall(SYS_connect, -1, &in, sizeof(in));
	syscall(SYS_connect, -1, &in6, sizeof(in6));
	syscall(SYS_connect, -1, &un, sizeof(un));
	syscall(SYS_bind, -1, &un, 1);
	syscall(SYS_accept4, -1, &in, &length, SOCK_NONBLOCK);
	syscall(SYS_sendto, -1, "abc", 3, MSG_DONTWAIT, &in, sizeof(in));
	syscall(SYS_setsockopt, -1, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
	syscall(SYS_setsockopt, -1, SOL_SOCKET, SO_KEEPALIVE, &one, sizeof(one));
	syscall(SYS_setsockopt, -1, 99, 98, "ab", 2);
	if (syscall(SYS_socketpair, AF_UNIX, SOCK_STREAM, 0, pair)) return;
	syscall(SYS_getsockopt, pair[0], SOL_SOCKET, SO_TYPE, &one, &length);
	struct iovec vec[] = {{"abc", 3}, {"de", 2}};
	union { char bytes[64]; struct cmsghdr head; } control = {0};
	control.head = (struct cmsghdr){CMSG_LEN(4), SOL_SOCKET, SCM_RIGHTS};
	memcpy(CMSG_DATA(&control.head), &one, 4);
	struct msghdr message = {.msg_iov = vec, .msg_iovlen = 2, .msg_control = &control, .msg_controllen = CMSG_SPACE(4)};
	int fd = 1;
	memcpy(CMSG_DATA(&control.head), &fd, 4);
	syscall(SYS_sendmsg, pair[0], &message, MSG_NOSIGNAL);
	struct iovec room = {text, sizeof(text)};
	struct msghdr received = {.msg_iov = &room, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof(control)};
	syscall(SYS_recvmsg, pair[1], &received, MSG_CMSG_CLOEXEC);
	syscall(SYS_recvfrom, pair[1], text, 16, MSG_DONTWAIT, 0, 0);
	syscall(SYS_shutdown, pair[1], SHUT_RDWR);
}

/* with -yy: where each stands, before and after it has an address */
static void descriptors(void)
{
	struct sockaddr_in in = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(0x7f000001)};
	struct sockaddr_in6 in6 = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
	struct sockaddr_un un = {.sun_family = AF_UNIX, .sun_path = "@sctrace decoded <calls>"};
	struct sockaddr_nl { short family, pad; int pid, groups; } netlink = {AF_NETLINK};
	socklen_t length = sizeof(in);
	int pair[2];

	int fd = syscall(SYS_openat, AT_FDCWD, "/dev/zero", O_RDONLY, 0);
	syscall(SYS_fsync, fd);
	int server = socket(AF_INET, SOCK_STREAM, 0);
	syscall(SYS_fsync, server);
	bind(server, (void *)&in, sizeof(in));
	listen(server, 1);
	getsockname(server, (void *)&in, &length);
	fd = socket(AF_INET, SOCK_STREAM, 0);
	connect(fd, (void *)&in, sizeof(in));
	syscall(SYS_fsync, fd);
	fd = syscall(SYS_accept, server, 0, 0);
	syscall(SYS_fsync, fd);
	fd = socket(AF_INET, SOCK_DGRAM, 0);
	connect(fd, (void *)&in, sizeof(in));
	syscall(SYS_fsync, fd);
	fd = socket(AF_INET6, SOCK_DGRAM, 0);
	syscall(SYS_fsync, fd);
	bind(fd, (void *)&in6, sizeof(in6));
	syscall(SYS_fsync, fd);
	syscall(SYS_socketpair, AF_UNIX, SOCK_DGRAM, 0, pair);
	syscall(SYS_socketpair, AF_UNIX, SOCK_STREAM, 0, pair);
	syscall(SYS_fsync, pair[1]);
	un.sun_path[0] = 0;
	server = socket(AF_UNIX, SOCK_STREAM, 0);
	bind(server, (void *)&un, 2 + 24);
	listen(server, 1);
	fd = socket(AF_UNIX, SOCK_STREAM, 0);
	connect(fd, (void *)&un, 2 + 24);
	syscall(SYS_fsync, fd);
	fd = syscall(SYS_accept, server, 0, 0);
	syscall(SYS_fsync, fd);
	fd = socket(AF_NETLINK, SOCK_RAW, 0);
	syscall(SYS_fsync, fd);
	bind(fd, (void *)&netlink, 12);
	syscall(SYS_fsync, fd);
	syscall(434 /* pidfd_open */, getpid(), 0);
}

static void system_v(void)
{
	struct shmid_ds shm;
	struct shminfo limits;
	struct semid_ds sem;
	struct seminfo most;
	struct msqid_ds queue;
	struct msginfo info;
	struct { long type; char text[8]; } message = {7, "abc"};
	unsigned short values[2] = {1, 2};

	int id = syscall(SYS_shmget, IPC_PRIVATE, 4096, IPC_CREAT | 0600);
	syscall(SYS_shmctl, id, IPC_STAT, &shm);
	syscall(SYS_shmctl, id, IPC_SET, &shm);
	syscall(SYS_shmctl, id, SHM_LOCK, 0);
	syscall(SYS_shmctl, -1, IPC_STAT, &shm);
	syscall(SYS_shmctl, -1, IPC_SET, &shm);
	syscall(SYS_shmctl, -1, IPC_SET, 8);
	syscall(SYS_shmctl, -1, 0x100 | IPC_STAT, &shm);
	syscall(SYS_shmctl, 0, IPC_INFO, &limits);
	syscall(SYS_shmctl, -1, 77, &shm);
	syscall(SYS_shmctl, id, IPC_RMID, 0);
	id = syscall(SYS_semget, IPC_PRIVATE, 2, IPC_CREAT | 0600);
	syscall(SYS_semctl, id, 0, SETALL, values);
	syscall(SYS_semctl, id, 1, SETVAL, 5L);
	syscall(SYS_semctl, id, 1, GETVAL, 0);
	syscall(SYS_semctl, id, 0, IPC_STAT, &sem);
	syscall(SYS_semctl, id, 0, IPC_SET, &sem);
	syscall(SYS_semctl, 0, 0, IPC_INFO, &most);
	syscall(SYS_semctl, -1, 0, 99, &sem);
	syscall(SYS_semctl, id, 0, IPC_RMID, 0);
	id = syscall(SYS_msgget, IPC_PRIVATE, IPC_CREAT | 0600);
	syscall(SYS_msgctl, id, IPC_STAT, &queue);
	syscall(SYS_msgctl, id, IPC_SET, &queue);
	syscall(SYS_msgctl, 0, IPC_INFO, &info);
	syscall(SYS_msgsnd, id, &message, 3, IPC_NOWAIT);
	syscall(SYS_msgrcv, id, &message, 8, -9L, IPC_NOWAIT | MSG_NOERROR);
	syscall(SYS_msgrcv, id, &message, 8, 0, IPC_NOWAIT);
	syscall(SYS_msgsnd, -1, 0, 3, 0);
	syscall(SYS_msgsnd, -1, 8, 3, 0);
	syscall(SYS_msgctl, id, IPC_RMID, 0);
}

int main(void)
{
	syscall(SYS_getpriority, 77, 0);
	files();
	transfers();
	waiting();
	signals();
	times();
	processes();
	sockets();
	system_v();
	descriptors();
	return 0;
}
