/**
 * Which process is at the other end of a connection: the kernel says which socket that is, and a process of the run has it open. It
 * waits for its answer meanwhile. Where several have it, the first that is found counts.
 */
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import type { Socket } from "node:net";
import { tcpSocketInode } from "../sys/index.ts";

export interface ClientProcess {
  readonly pid: number;
  /** Name of its first thread. */
  readonly comm: string;
  /** The program that it runs; absent: it may not be looked at. */
  readonly exe?: string;
}

/** Processes that have asked before and are asked first. */
const MOST_KNOWN = 16;
const LOOPBACK = [127, 0, 0, 1] as const;

export class ClientProcesses {
  readonly #known: number[] = [];
  readonly #found = new WeakMap<Socket, ClientProcess>();

  /** Undefined where it is not known: it has ended, or may not be looked at. */
  of(socket: Socket): ClientProcess | undefined {
    const before = this.#found.get(socket);
    if (before !== undefined) return before;
    const inode = inodeAt(socket);
    if (inode === undefined) return undefined;
    const pid = this.#ownerOf(`socket:[${inode}]`);
    if (pid === undefined) return undefined;
    this.#remember(pid);
    const comm = textOf(() => readFileSync(`/proc/${pid}/comm`, "utf8")).replace(/\n$/, "");
    const exe = textOf(() => readlinkSync(`/proc/${pid}/exe`, "utf8"));
    const found = { pid, comm, ...(exe === "" ? {} : { exe }) };
    this.#found.set(socket, found);
    return found;
  }

  #ownerOf(link: string): number | undefined {
    const asked = new Set(this.#known);
    for (const pid of asked) if (hasOpen(pid, link)) return pid;
    for (const pid of descendants(process.pid))
      if (!asked.has(pid) && hasOpen(pid, link)) return pid;
    return undefined;
  }

  #remember(pid: number): void {
    const at = this.#known.indexOf(pid);
    if (at >= 0) this.#known.splice(at, 1);
    this.#known.unshift(pid);
    if (this.#known.length > MOST_KNOWN) this.#known.pop();
  }
}

/** Of the client's socket: what is our remote end is its own. Both are of the loopback interface. */
function inodeAt({ remotePort = 0, localPort = 0 }: Socket): number | undefined {
  return tcpSocketInode(
    { address: LOOPBACK, port: remotePort },
    { address: LOOPBACK, port: localPort },
  );
}

function hasOpen(pid: number, link: string): boolean {
  return names(`/proc/${pid}/fd`).some(
    (fd) => textOf(() => readlinkSync(`/proc/${pid}/fd/${fd}`, "latin1")) === link,
  );
}

/** Children before their own children. Kernels without lists of children know none. */
function descendants(root: number): readonly number[] {
  const found = [root];
  for (let i = 0; i < found.length; i++)
    for (const tid of names(`/proc/${found[i]}/task`)) {
      const list = textOf(() => readFileSync(`/proc/${found[i]}/task/${tid}/children`, "latin1"));
      for (const pid of list.split(" ")) if (pid !== "") found.push(Number(pid));
    }
  return found.slice(1);
}

/** Empty: it is gone. */
function names(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function textOf(read: () => string): string {
  try {
    return read();
  } catch {
    return "";
  }
}
