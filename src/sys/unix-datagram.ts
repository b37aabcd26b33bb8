/**
 * unix(7) datagram sockets, which Node has none of: the way to /dev/log and to journald. Sending never waits; a
 * receiver that is behind gives EAGAIN.
 */
import { AF_UNIX, SOL_SOCKET } from "../base/linux-abi.ts";
import { Fd } from "./fd.ts";
import { check, syscall } from "./kernel.ts";
import { Memory } from "./memory.ts";
import { NR } from "./number.ts";
import { type ReadinessWait, startWait } from "./poll.ts";

/** SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC */
const SOCKET_TYPE = 2 | 0o4000 | 0o2000000;
const SCM_RIGHTS = 1;
const SO_SNDBUF = 7;
const MSG_NOSIGNAL = 0x4000;
/** sun_path, with its NUL. */
const MAX_PATH = 108;
/** Room for one message as large as a socket takes by default; larger ones are refused by the kernel anyway. */
const BUFFER_SIZE = 256 * 1024;
/** MFD_CLOEXEC | MFD_ALLOW_SEALING */
const MEMFD_FLAGS = 1 | 2;
const F_ADD_SEALS = 1033;
/** F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE */
const ALL_SEALS = 1 | 2 | 4 | 8;

export class UnixDatagram {
  readonly #fd: Fd;
  readonly #buffer = Memory.allocate(BUFFER_SIZE);

  private constructor(fd: Fd) {
    this.#fd = fd;
  }

  /**
   * A path that begins with `@` names an abstract socket, as in systemd's NOTIFY_SOCKET.
   * Throws SyscallError: ENOENT, ECONNREFUSED when nobody listens, EACCES, EPROTOTYPE.
   */
  static connect(path: string, sendBufferBytes?: number): UnixDatagram {
    const name = new TextEncoder().encode(path);
    if (name.length >= MAX_PATH) throw new RangeError(`Cannot connect to ${path}: too long`);
    const fd = new Fd(check(syscall(NR.socket, AF_UNIX, SOCKET_TYPE, 0), { call: "socket" }));
    try {
      using address = Memory.allocate(2 + MAX_PATH);
      address.view.setUint16(0, AF_UNIX, true);
      address.bytes.set(name, 2);
      const isAbstract = path.startsWith("@");
      if (isAbstract) address.bytes[2] = 0;
      // the name of an abstract socket ends with the address, that of a file with a NUL
      const length = 2 + name.length + (isAbstract ? 0 : 1);
      const result = syscall(NR.connect, fd.number, address.address, length);
      check(result, { call: "connect", what: `connect to ${path}` });
      if (sendBufferBytes !== undefined) {
        using value = Memory.allocate(4);
        value.view.setUint32(0, sendBufferBytes, true);
        // a limit of the system may cut it; what is there then is good as well
        syscall(NR.setsockopt, fd.number, SOL_SOCKET, SO_SNDBUF, value.address, 4);
      }
      return new UnixDatagram(fd);
    } catch (error) {
      fd.close();
      throw error;
    }
  }

  /** Returns 0, or the positive errno: EAGAIN, EMSGSIZE, ENOBUFS, ECONNREFUSED, ENOTCONN, EPIPE. */
  send(message: Uint8Array): number {
    const buffer = this.#buffer;
    const fd = this.#fd;
    using own = message.length > buffer.size ? Memory.from(message) : undefined;
    if (own === undefined) buffer.bytes.set(message);
    const { address } = own ?? buffer;
    return errnoOf(syscall(NR.sendto, fd.number, address, message.length, MSG_NOSIGNAL, 0, 0));
  }

  /**
   * Starts to wait until the receiver has room: a connected socket is writable then, since Linux 4.4. Not to be closed
   * meanwhile.
   */
  waitWritable(timeoutMs: number): ReadinessWait {
    return startWait(this.#fd, timeoutMs, "writable");
  }

  /** Sends an empty message with a sealed file in memory that holds `content`. Since Linux 3.17. */
  sendAsFile(content: Uint8Array, name: string): number {
    using label = Memory.fromText(name);
    const created = syscall(NR.memfd_create, label.address, MEMFD_FLAGS);
    if (created < 0) return -created;
    using file = new Fd(created);
    using bytes = Memory.from(content);
    for (let at = 0; at < content.length; ) {
      const written = syscall(NR.write, file.number, bytes.address + at, content.length - at);
      if (written <= 0) return errnoOf(written);
      at += written;
    }
    // the receiver maps it: it must not change any more
    const sealed = syscall(NR.fcntl, file.number, F_ADD_SEALS, ALL_SEALS);
    return sealed < 0 ? -sealed : this.#sendDescriptor(file.number);
  }

  close(): void {
    this.#fd.close();
    this.#buffer.free();
  }

  /**
   *   struct msghdr (56)                       struct cmsghdr (16) and one int
   *   | name 0 | namelen | iov 0 | iovlen |    | len u64 | level i32 | type i32 | fd i32 |
   *   | control | controllen | flags |
   */
  #sendDescriptor(number: number): number {
    using control = Memory.allocate(24);
    control.view.setBigUint64(0, 20n, true);
    control.view.setInt32(8, SOL_SOCKET, true);
    control.view.setInt32(12, SCM_RIGHTS, true);
    control.view.setInt32(16, number, true);
    using header = Memory.allocate(56);
    header.view.setBigUint64(32, BigInt(control.address), true);
    header.view.setBigUint64(40, BigInt(control.size), true);
    return errnoOf(syscall(NR.sendmsg, this.#fd.number, header.address, MSG_NOSIGNAL));
  }
}

function errnoOf(result: number): number {
  return result < 0 ? -result : 0;
}
