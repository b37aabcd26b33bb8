# Opens a file of each kind, prints what the system itself says of it, then looks for its end and closes it.
#
#   fd|type|path|flags|address|port
import ctypes, os, select, socket, sys, tempfile

libc = ctypes.CDLL(None, use_errno=True)
kinds = []


def add(fd, kind):
    if fd >= 0:
        kinds.append((fd, kind))


def connected(family, address):
    try:
        own = socket.socket(family, socket.SOCK_DGRAM)
        own.connect(address)
        add(own.detach(), "socket")
    except OSError:
        pass


open("file", "w").close()
os.symlink("file", "link")
add(os.open("file", os.O_RDWR | os.O_APPEND | os.O_NONBLOCK), "file")
add(os.open(".", os.O_RDONLY | os.O_DIRECTORY), "dir")
add(os.open("link", os.O_PATH | os.O_NOFOLLOW), "link")
add(os.open("/dev/null", os.O_WRONLY), "chr")
add(os.open("/dev/ptmx", os.O_RDWR | os.O_NOCTTY), "tty")
for end in os.pipe():
    add(end, "pipe")
add(os.memfd_create("data"), "memfd")
add(libc.syscall(434, os.getpid(), 0), "pidfd")
add(libc.epoll_create1(0), "epoll")
add(libc.eventfd(0, 0), "eventfd")
add(libc.timerfd_create(1, 0), "timerfd")
add(libc.inotify_init1(0), "inotify")
add(libc.signalfd(-1, ctypes.create_string_buffer(128), 0), "signalfd")
add(socket.socket().detach(), "socket")
for end in socket.socketpair():
    add(end.detach(), "socket")
server = socket.create_server(("127.0.0.1", 0))
add(socket.create_connection(server.getsockname()).detach(), "socket")
add(os.dup(server.fileno()), "socket")
connected(socket.AF_INET, ("127.0.0.9", 99))
connected(socket.AF_INET6, ("::1", 77))
connected(socket.AF_INET6, ("::ffff:127.0.0.3", 78))
with tempfile.TemporaryFile(dir=".") as deleted:
    add(os.dup(deleted.fileno()), "file")


def peer(fd, kind):
    if kind != "socket":
        return "(none)|(none)"
    try:
        name = socket.socket(fileno=os.dup(fd)).getpeername()
        return f"{name[0].removeprefix('::ffff:')}|{name[1]}" if isinstance(name, tuple) else "(none)|(none)"
    except OSError:
        return "(none)|(none)"


def path(fd):
    name = os.readlink(f"/proc/self/fd/{fd}").removesuffix(" (deleted)")
    return name.removeprefix("/") if name.startswith("/memfd:") else name


for fd, kind in kinds:
    with open(f"/proc/self/fdinfo/{fd}") as info:
        flags = next(int(line.split()[1], 8) for line in info if line.startswith("flags:"))
    print(f'{fd}|"{kind}"|"{path(fd)}"|{flags}|{peer(fd, kind)}')
sys.stdout.flush()
libc.prctl(15, b"descriptors", 0, 0, 0)
for fd, _ in kinds:
    libc.lseek(fd, 0, 99)
for fd, _ in kinds:
    libc.close(fd)
libc.lseek(-1, 0, 99)
libc.lseek(9999, 0, 99)
os._exit(0)
