/** Attachments of programs: closing the last descriptor of a link detaches it, unless it is pinned in bpffs. */
import type { Fd } from "../../sys/index.ts";
import { openPerfEvent, type PerfEventSpec } from "../../sys/index.ts";
import { bpfLinkCreate, bpfRawTracepointOpen } from "../command/link-commands.ts";
import { bpfObjGet, bpfObjPin } from "../command/object-commands.ts";
import { ATTACH_TYPE, type AttachType } from "../constants.ts";
import type { Program } from "../program/program.ts";

export class Link {
  readonly fd: Fd;
  readonly #event: Fd | undefined;

  constructor(fd: Fd, event?: Fd) {
    this.fd = fd;
    this.#event = event;
  }

  /** Keeps the program attached after we are gone. */
  pin(path: string): void {
    bpfObjPin(this.fd, path);
  }

  /** The link's own, and that of its event if it has one: the constructor's arguments in another thread. */
  get descriptors(): readonly number[] {
    return [this.fd, this.#event].flatMap((fd) => (fd === undefined ? [] : [fd.number]));
  }

  close(): void {
    this.fd.close();
    // an event without its program keeps sampling and costs every call
    this.#event?.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

/** Runs the program at a tracepoint such as `sys_enter`. Throws SyscallError: ENOENT, EINVAL. Since Linux 4.17. */
export function attachRawTracepoint(program: Program, tracepoint: string): Link {
  return new Link(bpfRawTracepointOpen(program.fd, tracepoint));
}

/** Runs a tracing or LSM program at the function that it was loaded for. Throws SyscallError: EBUSY, ENOTSUPP. Since Linux 5.5. */
export function attachTracing(program: Program): Link {
  return new Link(bpfRawTracepointOpen(program.fd));
}

/** The same by BPF_LINK_CREATE. */
export function createLink(program: Program, attachType: AttachType): Link {
  return new Link(bpfLinkCreate(program.fd, ATTACH_TYPE[attachType]));
}

/** Runs a tracepoint or kprobe program at a perf event. Since Linux 5.15. */
export function attachPerfEvent(program: Program, spec: PerfEventSpec): Link {
  const event = openPerfEvent(spec);
  try {
    return new Link(bpfLinkCreate(program.fd, ATTACH_TYPE.BPF_PERF_EVENT, event), event);
  } catch (error) {
    event.close();
    throw error;
  }
}

/** Opens a link that is pinned in bpffs. */
export function openPinnedLink(path: string): Link {
  return new Link(bpfObjGet(path));
}
