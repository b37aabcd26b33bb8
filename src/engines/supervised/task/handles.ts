/** Files that a process names by handles (open_by_handle_at(2)): opened here as it would open them, for their names. */
import { AT_FDCWD, O_PATH_CLOEXEC } from "../../../base/linux-abi.ts";
import { Memory, NR, syscall, X64 } from "../../../sys/index.ts";

const O_RDONLY_DIRECTORY_CLOEXEC = 0x90000;
/** struct file_handle { u32 handle_bytes; int handle_type; } and the handle behind it. */
export const HANDLE_HEADER_SIZE = 8;
/** MAX_HANDLE_SZ */
const LARGEST_HANDLE = 128;

/** Bytes of the whole struct whose header this is; undefined: the kernel takes none of that size. */
export function sizeOfHandle(header: Uint8Array): number | undefined {
  const size = Buffer.from(header).readUInt32LE(0);
  return size === 0 || size > LARGEST_HANDLE ? undefined : HANDLE_HEADER_SIZE + size;
}

/** A descriptor of ours of the file, or -errno. `mountFd`: of the thread, some file of the same file system. */
export function openHandle(tid: number, mountFd: number, handle: Uint8Array): number {
  const near =
    mountFd === AT_FDCWD ? openDirectory(`/proc/${tid}/cwd`) : takeDescriptor(tid, mountFd);
  if (near < 0) return near;
  using bytes = Memory.from(handle);
  const fd = syscall(X64.open_by_handle_at, near, bytes.address, O_PATH_CLOEXEC);
  syscall(NR.close, near);
  return fd;
}

function openDirectory(path: string): number {
  using text = Memory.fromText(path);
  return syscall(X64.openat, AT_FDCWD, text.address, O_RDONLY_DIRECTORY_CLOEXEC, 0);
}

/** The same open file: opening it again could do something. */
export function takeDescriptor(tid: number, fd: number): number {
  const process = syscall(X64.pidfd_open, tid, 0);
  if (process < 0) return process;
  const ours = syscall(X64.pidfd_getfd, process, fd, 0);
  syscall(NR.close, process);
  return ours;
}
