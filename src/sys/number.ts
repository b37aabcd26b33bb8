/** Numbers of the system calls that we make, by architecture (asm/unistd_64.h; arm64 uses asm-generic/unistd.h). */
const NUMBERS = {
  x64: {
    write: 1,
    close: 3,
    mmap: 9,
    munmap: 11,
    ioctl: 16,
    getpid: 39,
    socket: 41,
    connect: 42,
    sendto: 44,
    sendmsg: 46,
    setsockopt: 54,
    fcntl: 72,
    mount: 165,
    umount2: 166,
    gettid: 186,
    ppoll: 271,
    perf_event_open: 298,
    prlimit64: 302,
    memfd_create: 319,
    bpf: 321,
  },
  arm64: {
    write: 64,
    close: 57,
    mmap: 222,
    munmap: 215,
    ioctl: 29,
    getpid: 172,
    socket: 198,
    connect: 203,
    sendto: 206,
    sendmsg: 211,
    setsockopt: 208,
    fcntl: 25,
    mount: 40,
    umount2: 39,
    gettid: 178,
    ppoll: 73,
    perf_event_open: 241,
    prlimit64: 261,
    memfd_create: 279,
    bpf: 280,
  },
} as const;

export type SyscallName = keyof (typeof NUMBERS)["x64"];

export const NR: Readonly<Record<SyscallName, number>> =
  process.arch === "arm64" ? NUMBERS.arm64 : NUMBERS.x64;
