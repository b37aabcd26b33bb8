/** The process at the other end of a unix socket, which Node does not show. */
import { POLLHUP, SOL_SOCKET } from "../base/linux-abi.ts";
import { check, syscall } from "./kernel.ts";
import { Memory } from "./memory.ts";
import { NR } from "./number.ts";

const SO_PEERCRED = 17;

const SO_PEERGROUPS = 59;
/** NGROUPS_MAX. */
const MAX_GROUPS = 65_536;

export interface PeerCredentials {
  readonly pid: number;
  readonly uid: number;
  readonly gid: number;
}

/** Ids of the peer as the kernel recorded them at connect, not as it claims. */
export function peerCredentials(fd: number): PeerCredentials {
  using ucred = Memory.allocate(12);
  using length = Memory.allocate(4);
  length.view.setUint32(0, 12, true);
  check(syscall(NR.getsockopt, fd, SOL_SOCKET, SO_PEERCRED, ucred.address, length.address), {
    call: "getsockopt",
    command: "SO_PEERCRED",
  });
  const { view } = ucred;
  return {
    pid: view.getInt32(0, true),
    uid: view.getUint32(4, true),
    gid: view.getUint32(8, true),
  };
}

/** Supplementary groups of the peer, as they were at connect. Since 4.13. */
export function peerGroups(fd: number): readonly number[] {
  using groups = Memory.allocate(4 * MAX_GROUPS);
  using length = Memory.allocate(4);
  length.view.setUint32(0, 4 * MAX_GROUPS, true);
  check(syscall(NR.getsockopt, fd, SOL_SOCKET, SO_PEERGROUPS, groups.address, length.address), {
    call: "getsockopt",
    command: "SO_PEERGROUPS",
  });
  const count = length.view.getUint32(0, true) / 4;
  return Array.from({ length: count }, (_, i) => groups.view.getUint32(4 * i, true));
}

/** Whether the other end is closed altogether; one that has only said all it has to say still listens. */
export function isPeerGone(fd: number): boolean {
  using pollfd = Memory.allocate(8);
  using now = Memory.allocate(16);
  pollfd.view.setInt32(0, fd, true);
  check(syscall(NR.ppoll, pollfd.address, 1, now.address, 0, 0), { call: "ppoll" });
  return (pollfd.view.getUint16(6, true) & POLLHUP) !== 0;
}
