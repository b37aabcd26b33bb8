/**
 * A call of a supervised thread as the evaluator sees it. What was read once is kept for as long as the call is
 * looked at: all rules decide on the same bytes, and the log shows those that decided.
 */
import {
  type Abi,
  type CheckedRule,
  MAX_STRING,
  namesInDirectories,
  type OpenFile,
  type Presentation,
  type RealCall,
  type StringRead,
} from "../../../language/index.ts";
import { wordSize } from "../../../linux/index.ts";
import type { Credentials, Identity, Task } from "../task/task.ts";
import type { CallContext } from "./call-context.ts";
import { changedLinks, changesCmdline, changesIds, type ProcessLink } from "./changes.ts";
import { directoryOf } from "./file-of.ts";
import { rememberOpenFiles } from "./open-file-reads.ts";
import { PresentedCall } from "./presented-call.ts";
import type { FileRead, ReadCall, TextList } from "./read-call.ts";
import { LONGEST_TEXT, readTextList } from "./text-list.ts";

/** Pieces of memory up to this size are read once for a call. */
const LARGEST_KEPT = 1 << 20;

export interface CallRegisters {
  readonly nr: number;
  readonly abi: Abi;
  /** Six words, which may be reused by their owner: they are copied. */
  readonly args: BigUint64Array;
}

export class TracedCall implements RealCall, ReadCall {
  readonly name: string;
  readonly abi: Abi;
  readonly nr: number;
  readonly args: BigUint64Array;
  /** Of the thread when it made the call. */
  readonly tid: number;
  readonly comm: Uint8Array;
  readonly context: CallContext;
  /** Of a call that sends several messages: the one that is looked at, from 0. */
  message = 0;
  when: "before" | "after" = "before";
  retval: bigint | undefined;
  /** ns from the trap before the call to the one at its return, by our clock; 0: it was not made. */
  durationNs: bigint | undefined;
  #views: PresentedCall[] = [];
  #task: Task;
  #credentials: Credentials | undefined;
  #cmdline: { readonly bytes: Uint8Array | undefined } | undefined;
  // most calls need one or two of these
  #links: Map<ProcessLink, Uint8Array | undefined> | undefined;
  #lists: Map<string, TextList> | undefined;
  readonly #texts = new Map<bigint, StringRead | undefined>();
  #processes: Map<number, number | undefined> | undefined;
  #pieces: Map<string, Uint8Array | undefined> | undefined;
  /** Of pieces that are too long to be kept. */
  #digests: Map<string, string | undefined> | undefined;
  #path: Map<string, FileRead> | undefined;
  #open: Map<number, OpenFile | null | undefined> | undefined;

  constructor(
    name: string,
    registers: CallRegisters,
    seen: { task: Task; comm: Uint8Array },
    context: CallContext,
  ) {
    this.name = name;
    this.abi = registers.abi;
    this.nr = registers.nr;
    // int 0x80 in a 64-bit program leaves what it likes in the upper halves, which the kernel does not look at
    this.args =
      wordSize(registers.abi) === 4
        ? registers.args.map((word) => BigInt.asUintN(32, word))
        : registers.args.slice();
    this.#task = seen.task;
    this.tid = seen.task.tid;
    this.comm = seen.comm;
    this.context = context;
  }

  /** Where /proc shows the thread now. */
  get task(): Task {
    return this.#task;
  }

  /** By execve the thread has become the first one of its process. */
  movesTo(task: Task): void {
    this.#task = task;
  }

  /** The process, for signals. */
  get pid(): number {
    return this.identity()?.tgid ?? this.tid;
  }

  /** As far as only calls that we see change it. */
  identity(): Identity | undefined {
    return this.#credentials ?? this.#task.identity();
  }

  credentials(): Credentials | undefined {
    this.#credentials ??= this.#task.credentials();
    return this.#credentials;
  }

  /** Where a link of the process in /proc leads. */
  link(name: ProcessLink): Uint8Array | undefined {
    this.#links ??= new Map();
    if (!this.#links.has(name)) {
      const path = `/proc/${this.memoryOwner}/${name}`;
      const isFile = name === "exe" || name === "cwd";
      const { paths, tasks } = this.context;
      this.#links.set(name, isFile ? paths.nameOfLink(path) : tasks.files.readLink(path));
    }
    return this.#links.get(name);
  }

  /** Arguments of the process with a NUL behind each, up to one byte more than a text may have. */
  cmdline(): Uint8Array | undefined {
    if (this.#cmdline === undefined) {
      const path = `/proc/${this.memoryOwner}/cmdline`;
      this.#cmdline = { bytes: this.context.tasks.files.readStart(path, MAX_STRING) };
    }
    return this.#cmdline.bytes;
  }

  /** Whose memory it is that addresses lead into. */
  get memoryOwner(): number {
    return this.context.tasks.files.ownerOf(this.task.tid);
  }

  /** Rules mostly share presentations: what one has looked up is there for all. */
  view(presentation: Presentation): PresentedCall {
    for (const view of this.#views)
      if (view.presentation === presentation && view.message === this.message) return view;
    const view = new PresentedCall(this, presentation);
    this.#views.push(view);
    return view;
  }

  /** Reads what rules may show or test afterwards: by then it can be gone or changed, after execve for sure. */
  remember(rules: readonly CheckedRule[]): void {
    if (changesIds(this.name)) this.credentials();
    for (const link of changedLinks(this.name, this.context.needs)) this.link(link);
    if (this.context.needs.cmdline && changesCmdline(this.name)) this.cmdline();
    for (const rule of rules) {
      for (const target of rule.targets) {
        for (const presentation of target.presentations) {
          const { params } = presentation;
          if (this.context.needs.path) this.#rememberPaths(presentation);
          if (this.context.needs.dir) this.#rememberDirectories(presentation);
          rememberOpenFiles(this.view(presentation), rule, target);
          this.#rememberLists(presentation);
          for (const { type, source } of params) {
            if ((type.kind !== "path" && type.kind !== "string") || source.kind !== "arg") continue;
            const address = this.args[source.index] ?? 0n;
            if (address !== 0n) this.readString(address);
          }
        }
      }
    }
  }

  #rememberPaths(presentation: Presentation): void {
    const view = this.view(presentation);
    for (const [i, { type, address }] of presentation.params.entries())
      if (type.kind === "path" || type.semantic === "fd" || address !== undefined) view.path(i + 1);
  }

  #rememberDirectories(presentation: Presentation): void {
    const view = this.view(presentation);
    for (const { dirfd } of namesInDirectories(presentation)) directoryOf(view, dirfd);
  }

  #rememberLists(presentation: Presentation): void {
    if (!presentation.params.some(({ type }) => type.kind === "strings")) return;
    const view = this.view(presentation);
    view.argv(undefined);
    view.envp("");
  }

  /** Keeps arguments and environment across execve, which replaces the memory that they are in. */
  list(key: string, read: () => TextList): TextList {
    this.#lists ??= new Map();
    if (!this.#lists.has(key)) this.#lists.set(key, read());
    return this.#lists.get(key);
  }

  /** The same call, of which nothing was read yet. */
  again(): TracedCall {
    const { name, nr, abi, args, task, comm, context } = this;
    return new TracedCall(name, { nr, abi, args }, { task, comm }, context);
  }

  hasRegistersOf({ nr, abi, args }: TracedCall): boolean {
    return this.nr === nr && this.abi === abi && this.args.every((arg, i) => arg === args[i]);
  }

  /** Whether all memory that was read for `former` has the same in it now, and names that both look up lead to the same. */
  hasTextsOf(former: TracedCall): boolean {
    for (const [address, text] of former.#texts)
      if (!isSame(text?.bytes, this.readString(address)?.bytes)) return false;
    for (const [key, bytes] of former.#pieces ?? []) {
      const [address = "", size] = key.split(":");
      if (!isSame(bytes, this.readMemory(BigInt(address), Number(size)))) return false;
    }
    for (const [key, digest] of former.#digests ?? []) {
      const [address = "", size] = key.split(":");
      if (digestOf(this.readMemory(BigInt(address), Number(size))) !== digest) return false;
    }
    for (const [key, path] of this.#path ?? [])
      if (former.#path?.has(key) && !isSameFile(former.#path.get(key), path)) return false;
    return true;
  }

  /** The call has returned; memory that it may have written is read again. */
  returned(retval: bigint, durationNs: bigint): void {
    this.when = "after";
    this.retval = retval;
    this.durationNs = durationNs;
    this.#pieces = undefined;
    this.#digests = undefined;
    this.#views = [];
  }

  readMemory(address: bigint, size: number): Uint8Array | undefined {
    const key = `${address}:${size}`;
    this.#pieces ??= new Map();
    if (this.#pieces.has(key)) return this.#pieces.get(key);
    const bytes = this.context.memory.read(this.memoryOwner, Number(address), size);
    if (size <= LARGEST_KEPT) this.#pieces.set(key, bytes);
    else if (this.context.compares) {
      this.#digests ??= new Map();
      this.#digests.set(key, digestOf(bytes));
    }
    return bytes;
  }

  readString(address: bigint): StringRead | undefined {
    if (this.#texts.has(address)) return this.#texts.get(address);
    const text = this.context.memory.readText(this.memoryOwner, Number(address), LONGEST_TEXT);
    this.#texts.set(address, text);
    return text;
  }

  /** Texts of a list that ends with NULL. */
  readList(start: bigint): readonly StringRead[] | undefined {
    const size = wordSize(this.abi);
    const { memory } = this.context;
    const list = readTextList(memory, this.memoryOwner, Number(start), size);
    // its pointers can be changed, too
    this.readMemory(start, (list?.length ?? 0) * size);
    for (const { address, read } of list ?? []) this.#texts.set(BigInt(address), read);
    return list?.map(({ read }) => read);
  }

  /** Keeps what a pidfd stands for. */
  process(pidfd: number, find: () => number | undefined): number | undefined {
    this.#processes ??= new Map();
    if (!this.#processes.has(pidfd)) this.#processes.set(pidfd, find());
    return this.#processes.get(pidfd);
  }

  /** Keeps what descriptors stand for across the call, which may close them. */
  openFile(fd: number, find: () => OpenFile | null | undefined): OpenFile | null | undefined {
    this.#open ??= new Map();
    if (!this.#open.has(fd)) this.#open.set(fd, find());
    return this.#open.get(fd);
  }

  /** Keeps resolved paths across the call: afterwards the file may be gone. */
  path(key: string, resolve: () => FileRead): FileRead {
    this.#path ??= new Map();
    if (!this.#path.has(key)) this.#path.set(key, resolve());
    return this.#path.get(key);
  }
}

function isSameFile(a: FileRead, b: FileRead): boolean {
  if (a === "refused" || b === "refused" || a === null || b === null) return a === b;
  return isSame(a?.bytes, b?.bytes);
}

function isSame(a: Uint8Array | undefined, b: Uint8Array | undefined): boolean {
  return a === undefined || b === undefined ? a === b : Buffer.compare(a, b) === 0;
}

function digestOf(bytes: Uint8Array | undefined): string | undefined {
  // loading it takes a tenth of the start of `sct run`, and few rules ask
  return bytes && process.getBuiltinModule("node:crypto").hash("sha256", bytes);
}
