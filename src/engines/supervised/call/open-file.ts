/** What a descriptor of a traced thread stands for: FD[n], by its entries in /proc. Each member is read once, when it is asked for. */
import { statSync } from "node:fs";
import { AT_FDCWD } from "../../../base/linux-abi.ts";
import type { OpenFile, StringRead } from "../../../language/index.ts";
import {
  ANONYMOUS_TYPES,
  FILE_TYPE_MASK,
  MOST_TYPE_NAME,
  TERMINAL_MAJORS,
  TYPE_OF_MODE,
} from "../../../variables/index.ts";
import { peerOf } from "../task/peer.ts";
import type { ProcFiles } from "../task/proc-files.ts";
import type { FileRead } from "./read-call.ts";

const ANONYMOUS = "anon_inode:";
const IN_MEMORY = "memfd:";

export interface OpenFileSource {
  readonly files: ProcFiles;
  readonly tid: number;
  /** Resolves the name of the open file. */
  readonly path: (fd: number) => FileRead;
}

/** Null: nothing is open there. */
export function openFileOf(source: OpenFileSource, fd: number): OpenFile | null | undefined {
  const path = source.path(fd);
  if (path === "refused" || path === null) return null;
  return new DescriptorFile(source, fd, path);
}

class DescriptorFile implements OpenFile {
  readonly path: StringRead | undefined;
  readonly #source: OpenFileSource;
  readonly #fd: number;
  readonly #known: { type?: OpenFile["type"]; flags?: OpenFile["flags"]; peer?: OpenFile["peer"] } =
    {};

  constructor(source: OpenFileSource, fd: number, path: StringRead | undefined) {
    this.#source = source;
    this.#fd = fd;
    this.path = path;
  }

  get type(): OpenFile["type"] {
    if (!("type" in this.#known)) this.#known.type = this.#readType();
    return this.#known.type;
  }

  get flags(): OpenFile["flags"] {
    if (!("flags" in this.#known)) this.#known.flags = this.#readFlags();
    return this.#known.flags;
  }

  get peer(): OpenFile["peer"] {
    if (!("peer" in this.#known)) this.#known.peer = this.#readPeer();
    return this.#known.peer;
  }

  #readType(): OpenFile["type"] {
    if (this.#fd === AT_FDCWD) return Buffer.from("dir");
    // a file without a known name is one in a directory: it is distinguished by what it is
    const name = Buffer.from(this.path?.bytes ?? []).toString("latin1");
    const type = typeOf(name, this.#link("fd"));
    return type === undefined ? undefined : Buffer.from(type, "latin1");
  }

  #readFlags(): OpenFile["flags"] {
    // a working directory has no open file
    if (this.#fd === AT_FDCWD) return null;
    const text = this.#source.files.readText(this.#link("fdinfo"));
    const [, octal] = /^flags:\s*([0-7]+)$/m.exec(text ?? "") ?? [];
    return octal === undefined ? undefined : BigInt(`0o${octal}`);
  }

  #readPeer(): OpenFile["peer"] {
    if (this.path === undefined) return this.type === undefined ? undefined : null;
    const [, inode] = /^socket:\[(\d+)\]$/.exec(Buffer.from(this.path.bytes).toString()) ?? [];
    if (inode === undefined) return null;
    const { files, tid } = this.#source;
    return peerOf(files, files.ownerOf(tid), this.#fd, inode);
  }

  #link(directory: "fd" | "fdinfo"): string {
    const { files, tid } = this.#source;
    return `/proc/${files.ownerOf(tid)}/${directory}/${this.#fd}`;
  }
}

/** `name`: of the file; `link`: what leads to it. Undefined: it cannot be found out. */
function typeOf(name: string, link: string): string | undefined {
  if (name.startsWith(ANONYMOUS)) {
    const own = name.slice(ANONYMOUS.length).replace(/^\[(.+)\]$/, "$1");
    return ANONYMOUS_TYPES[own] ?? own.slice(0, MOST_TYPE_NAME);
  }
  const status = statusOf(link);
  if (status === undefined) return undefined;
  const { mode, rdev, dev } = status;
  const type = TYPE_OF_MODE.find(([bits]) => bits === (mode & FILE_TYPE_MASK))?.[1];
  if (type === "chr") {
    const major = (rdev >>> 8) & 0xfff;
    return TERMINAL_MAJORS.some(([low, high]) => major >= low && major <= high) ? "tty" : type;
  }
  if (type !== "file") return type;
  if (name.startsWith(IN_MEMORY)) return "memfd";
  // all namespaces are files of one file system
  return dev === statusOf("/proc/self/ns/mnt")?.dev ? "namespace" : type;
}

interface Status {
  readonly mode: number;
  readonly rdev: number;
  readonly dev: number;
}

function statusOf(link: string): Status | undefined {
  try {
    return statSync(link, { throwIfNoEntry: false });
  } catch (error) {
    // of a process that we may not look at
    if (error instanceof Error && "code" in error && error.code === "EACCES") return undefined;
    throw error;
  }
}
