/** Constants of seccomp(2) and the listener of user notifications (include/uapi/linux/seccomp.h). */
import { POLLHUP } from "../../base/linux-abi.ts";
import { EINTR, ENOENT } from "../errno.ts";
import { check, syscall } from "../kernel.ts";
import { Memory } from "../memory.ts";
import { NR } from "../number.ts";

export const SECCOMP_SET_MODE_FILTER = 1;
export const SECCOMP_FILTER_FLAG_NEW_LISTENER = 8;
/** Since 5.19: while we decide, only a deadly signal interrupts the call; else signals repeat notifications. */
export const SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV = 32;

export const SECCOMP_RET = {
  KILL_PROCESS: 0x80000000,
  ERRNO: 0x00050000,
  USER_NOTIF: 0x7fc00000,
  TRACE: 0x7ff00000,
  ALLOW: 0x7fff0000,
} as const;

export const AUDIT_ARCH_X86_64 = 0xc000003e;
export const AUDIT_ARCH_I386 = 0x40000003;

const IOCTL_RECV = 0xc0502100;
const IOCTL_SEND = 0xc0182101;
const IOCTL_ID_VALID = 0x40082102;
const IOCTL_SET_FLAGS = 0x40082104;
/** Wakes the other side on the same CPU, since 6.6: ten times faster when the two would sit on different ones. */
const SYNC_WAKE_UP = 1;

/** struct seccomp_notif, then struct seccomp_notif_resp. */
const Notif = { id: 0, pid: 8, flags: 12, nr: 16, arch: 20, ip: 24, args: 32, size: 80 } as const;
const Resp = { id: 80, val: 88, error: 96, flags: 100, size: 24 } as const;
const CONTINUE = 1;
const POLLIN = 1;

export type ListenerState = "empty" | "ready" | "hangup";

/** The listener descriptor with memory for one notification; the fields are those of the one received last. */
export class NotifyListener {
  readonly fd: number;
  /** Arguments of the notification: six u64 that the next `receive` overwrites. */
  readonly args: BigUint64Array;
  readonly #memory = Memory.allocate(Notif.size + Resp.size);
  readonly #poll = Memory.allocate(24);

  constructor(fd: number) {
    this.fd = fd;
    const { buffer, byteOffset } = this.#memory.bytes;
    this.args = new BigUint64Array(buffer, byteOffset + Notif.args, 6);
    syscall(NR.ioctl, fd, IOCTL_SET_FLAGS, SYNC_WAKE_UP);
  }

  /** Whether a notification waits; `hangup`: no process uses the filter any more. */
  state(): ListenerState {
    const { view, address } = this.#poll;
    view.setInt32(0, this.fd, true);
    view.setInt32(4, POLLIN, true);
    const count = syscall(NR.ppoll, address, 1, address + 8, 0, 8);
    if (count === 0 || count === -EINTR) return "empty";
    check(count, { call: "ppoll", what: "look at the listener of notifications" });
    const revents = view.getInt16(6, true);
    if ((revents & POLLIN) !== 0) return "ready";
    return (revents & POLLHUP) !== 0 ? "hangup" : "empty";
  }

  /** False: what was there is gone again. Blocks unless `state` was `ready`. Throws SyscallError where no listener is. */
  receive(): boolean {
    // the kernel refuses memory that is not zero
    this.#memory.bytes.fill(0, 0, Notif.size);
    const result = syscall(NR.ioctl, this.fd, IOCTL_RECV, this.#memory.address);
    if (result === -ENOENT || result === -EINTR) return false;
    check(result, { call: "ioctl", command: "SECCOMP_IOCTL_NOTIF_RECV" });
    return true;
  }

  get id(): bigint {
    return this.#memory.view.getBigUint64(Notif.id, true);
  }
  /** Thread id of the caller, 0 if it cannot be seen from our pid namespace. */
  get tid(): number {
    return this.#memory.view.getUint32(Notif.pid, true);
  }
  get nr(): number {
    return this.#memory.view.getInt32(Notif.nr, true);
  }
  get arch(): number {
    return this.#memory.view.getUint32(Notif.arch, true);
  }
  get ip(): number {
    return Number(this.#memory.view.getBigUint64(Notif.ip, true));
  }

  /** Lets the call run. False if it is gone. */
  allow(id: bigint): boolean {
    return this.#send(id, 0, CONTINUE);
  }

  /** Makes the call return -errno without running. */
  fail(id: bigint, errno: number): boolean {
    return this.#send(id, -errno, 0);
  }

  /** Whether the caller still waits for the answer. */
  isValid(id: bigint): boolean {
    this.#memory.view.setBigUint64(Resp.id, id, true);
    return syscall(NR.ioctl, this.fd, IOCTL_ID_VALID, this.#memory.address + Resp.id) === 0;
  }

  #send(id: bigint, error: number, flags: number): boolean {
    const { view, address } = this.#memory;
    view.setBigUint64(Resp.id, id, true);
    view.setBigInt64(Resp.val, 0n, true);
    view.setInt32(Resp.error, error, true);
    view.setUint32(Resp.flags, flags, true);
    return syscall(NR.ioctl, this.fd, IOCTL_SEND, address + Resp.id) === 0;
  }

  close(): void {
    syscall(NR.close, this.fd);
    this.#memory.free();
    this.#poll.free();
  }
}
