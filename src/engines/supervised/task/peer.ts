/**
 * The peer of a socket of another process. Asked of the same open socket, which pidfd_getfd(2) gives us for a moment
 * (since 5.6); where that is refused, looked for in the tables of the process's network namespace.
 */
import { AF_INET, AF_INET6 } from "../../../base/linux-abi.ts";
import type { OpenFile } from "../../../language/index.ts";
import { Memory, NR, syscall, X64 } from "../../../sys/index.ts";
import { takeDescriptor } from "./handles.ts";
import type { ProcFiles } from "./proc-files.ts";

/** struct sockaddr_storage */
const ADDRESS_SIZE = 128;

type Peer = OpenFile["peer"];

/** Null: none is connected, or by other means than IP. `inode`: number of the socket. */
export function peerOf(files: ProcFiles, tid: number, fd: number, inode: string): Peer {
  const ours = takeDescriptor(tid, fd);
  if (ours < 0) return peerInTables(files, tid, inode);
  try {
    return peerName(ours);
  } finally {
    syscall(NR.close, ours);
  }
}

function peerName(fd: number): Peer {
  using address = Memory.allocate(ADDRESS_SIZE);
  using length = Memory.allocate(4);
  length.view.setUint32(0, ADDRESS_SIZE, true);
  if (syscall(X64.getpeername, fd, address.address, length.address) < 0) return null;
  const { view, bytes } = address;
  const family = view.getUint16(0, true);
  const port = view.getUint16(2);
  if (family === AF_INET) return { address: bytes.slice(4, 8), port };
  return family === AF_INET6 ? { address: bytes.slice(8, 24), port } : null;
}

const TABLES = ["tcp", "tcp6", "udp", "udp6", "udplite", "udplite6"] as const;
/** Of /proc/net/tcp: states without a peer. */
const WITHOUT_PEER: ReadonlySet<string> = new Set(["02", "07"]);

/** Undefined: the tables cannot be read; null: no socket with a peer is in them. */
function peerInTables(files: ProcFiles, tid: number, inode: string): Peer {
  let canRead = false;
  for (const name of TABLES) {
    const text = files.readText(`/proc/${tid}/net/${name}`);
    if (text === undefined) continue;
    canRead = true;
    const peer = peerInTable(text, inode);
    if (peer !== undefined) return peer;
  }
  return canRead ? null : undefined;
}

/** `sl local rem st tx:rx tr:when retrnsmt uid timeout inode …`; undefined: the socket is not in it. */
export function peerInTable(text: string, inode: string): Exclude<Peer, undefined> | undefined {
  for (const line of text.split("\n")) {
    const [, , remote = "", state = "", , , , , , own] = line.trim().split(/\s+/);
    if (own !== inode) continue;
    const [digits = "", port = "0"] = remote.split(":");
    const number = Number.parseInt(port, 16);
    if (WITHOUT_PEER.has(state) || number === 0) return null;
    return { address: addressOf(digits), port: number };
  }
  return undefined;
}

/** Words as the machine has them in memory, in hexadecimal digits. */
function addressOf(digits: string): Uint8Array {
  const bytes = Buffer.from(digits, "hex");
  return bytes.swap32();
}
