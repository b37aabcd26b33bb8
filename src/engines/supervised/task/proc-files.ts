/** Small files of /proc by raw system calls: four times cheaper than through node:fs, which matters per event. */
import { Memory, NR, syscall, X64 } from "../../../sys/index.ts";

const AT_FDCWD = -100;
const O_RDONLY_CLOEXEC = 0x80000;
const BUFFER_SIZE = 16 * 1024;
const PATH_SIZE = 8192;

export class ProcFiles {
  readonly #path = Memory.allocate(PATH_SIZE);
  readonly #buffer = Memory.allocate(BUFFER_SIZE);
  /** The command until its first execve: it shares our memory, and like ours nobody may look into it. */
  readonly #loading: () => number | undefined;

  constructor(loading: () => number | undefined = () => undefined) {
    this.#loading = loading;
  }

  /** Whose memory and links are those of a thread: what it shares with us is found at our own. */
  ownerOf(tid: number): number {
    return tid === this.#loading() ? process.pid : tid;
  }

  /** Descriptor or -errno. */
  open(path: string): number {
    return syscall(X64.openat, AT_FDCWD, this.#place(path), O_RDONLY_CLOEXEC, 0);
  }

  /** The whole file from its beginning, as a view that the next read overwrites; undefined if it is gone. */
  read(fd: number): Uint8Array | undefined {
    const count = syscall(X64.pread64, fd, this.#buffer.address, BUFFER_SIZE, 0);
    return count < 0 ? undefined : this.#buffer.bytes.subarray(0, count);
  }

  close(fd: number): void {
    syscall(NR.close, fd);
  }

  readText(path: string): string | undefined {
    const fd = this.open(path);
    if (fd < 0) return undefined;
    const bytes = this.read(fd);
    this.close(fd);
    return bytes && Buffer.from(bytes).toString("latin1");
  }

  /** Target of a symbolic link, as a copy. */
  readLink(path: string): Uint8Array | undefined {
    const { address, bytes } = this.#buffer;
    const count = syscall(X64.readlink, this.#place(path), address, BUFFER_SIZE);
    return count < 0 ? undefined : bytes.slice(0, count);
  }

  #place(path: string): number {
    const { bytes, address } = this.#path;
    let at = 0;
    for (; at < path.length; at++) bytes[at] = path.charCodeAt(at);
    bytes[at] = 0;
    return address;
  }

  free(): void {
    this.#path.free();
    this.#buffer.free();
  }
}
