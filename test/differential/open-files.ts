/** What is open while calls are generated: in the interpreter a table of all kinds of files, in the kernel what this process has. */
import { AT_FDCWD } from "../../src/base/linux-abi.ts";
import type { VmKernel } from "../../src/bpf/vm/index.ts";
import { KERNEL_FACTS } from "../../src/compiler/testing/kernel-facts.ts";
import { type SimulatedCaller, SimulatedObjects } from "../../src/compiler/testing/objects.ts";
import {
  OpenFileMode,
  OpenFileObjects,
  type SimulatedFile,
} from "../../src/compiler/testing/open-files.ts";
import { openFileOf } from "../../src/engines/supervised/call/open-file.ts";
import type { FileRead } from "../../src/engines/supervised/call/read-call.ts";
import { PathResolver } from "../../src/engines/supervised/task/path-resolver.ts";
import { ProcFiles } from "../../src/engines/supervised/task/proc-files.ts";
import type { OpenFile, StringRead } from "../../src/language/index.ts";

/** `caller`: of those that can make the calls, the nth. */
export type FindOpenFile = (fd: number, caller: number) => OpenFile | null | undefined;

interface KnownFile extends SimulatedFile {
  /** Undefined: nobody can read it. */
  readonly type: string | undefined;
}

const socket = (family: number, state: number, port: number, address: string): SimulatedFile => ({
  name: "socket:[5]",
  mode: OpenFileMode.socket,
  socket: { family, state, port, address },
});

const V6 = "20010db8000000008000000000000001";
const MAPPED = "00000000000000000000ffff0a000001";

const FILES: readonly KnownFile[] = [
  { type: "tty", name: "/dev/pts/3", mode: OpenFileMode.chr, device: [136, 3], flags: 2 },
  { type: "file", name: "/etc/passwd", flags: 0o102001 },
  { type: "pipe", name: "pipe:[77]", mode: OpenFileMode.pipe, flags: 1, isClosedOnExec: true },
  { type: "dir", name: "/tmp/x", mode: OpenFileMode.dir, flags: 0o2300000 },
  { type: "chr", name: "/dev/null", mode: OpenFileMode.chr, device: [1, 3] },
  { type: "memfd", name: "memfd:passwd" },
  { type: "a", name: "anon_inode:[a]", flags: 2 },
  { type: "epoll", name: "anon_inode:[eventpoll]", flags: 2 },
  { type: "pidfd", name: "pidfs:[1]" },
  { type: "socket", ...socket(2, 1, 443, "7f000001") },
  { type: "socket", ...socket(10, 1, 53, V6) },
  { type: "socket", ...socket(10, 8, 443, MAPPED) },
  { type: "socket", ...socket(2, 7, 443, "0a000001") },
  { type: "socket", ...socket(2, 1, 0, "0a000001") },
  { type: undefined, name: "/etc/ab", broken: "inode" },
  { type: "socket", ...socket(2, 1, 443, "0a000001"), broken: "socket" },
];

export interface SimulatedTasks {
  readonly tasks: readonly bigint[];
  readonly openFile: FindOpenFile;
}

/** Tasks of an interpreter that have them, and working directories. */
export function openSimulated(
  { memory }: VmKernel,
  callers: readonly SimulatedCaller[],
): SimulatedTasks {
  const objects = new SimulatedObjects(memory, KERNEL_FACTS);
  const tasks = callers.map((caller) => objects.task(caller));
  const files = new OpenFileObjects(memory, KERNEL_FACTS, objects);
  for (const task of tasks) files.open(task, new Map(FILES.map((file, fd) => [fd, file])));
  const openFile: FindOpenFile = (fd, caller) => {
    if (fd === AT_FDCWD) {
      const path = text(callers[caller]?.cwd ?? "");
      return { type: Buffer.from("dir"), path, flags: null, peer: null };
    }
    const file = FILES[fd];
    return file === undefined ? null : known(file);
  };
  return { tasks, openFile };
}

function known(file: KnownFile): OpenFile {
  const { type, name, flags = 0, isClosedOnExec = false, socket: peer, broken } = file;
  const O_CLOEXEC = 0o2000000;
  const isConnected = peer !== undefined && ![2, 7].includes(peer.state) && peer.port !== 0;
  return {
    type: type === undefined ? undefined : Buffer.from(type),
    path: text(name.startsWith("pidfs:") ? "anon_inode:[pidfd]" : name),
    flags: BigInt((flags & ~O_CLOEXEC) | (isClosedOnExec ? O_CLOEXEC : 0)),
    peer:
      broken !== undefined
        ? undefined
        : isConnected
          ? { address: Buffer.from(peer.address, "hex"), port: peer.port }
          : null,
  };
}

function text(name: string): StringRead {
  return { bytes: Buffer.from(name, "latin1"), truncated: false };
}

/** What this process has open, as `sct run` would find it. */
export function ownOpenFiles(): { readonly find: FindOpenFile; readonly close: () => void } {
  const files = new ProcFiles();
  const paths = new PathResolver(files, false);
  const path = (fd: number): FileRead => {
    const found = paths.openFile(process.pid, fd);
    if (found === undefined || found === "refused") return found;
    return text(found.name);
  };
  return {
    find: (fd) => openFileOf({ files, tid: process.pid, path }, fd),
    close: () => {
      paths.free();
      files.free();
    },
  };
}
