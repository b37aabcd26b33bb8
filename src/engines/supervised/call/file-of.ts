/** The file that a parameter of a traced call names: PATH[n]. */
import { AT_FDCWD } from "../../../base/linux-abi.ts";
import {
  type CallView,
  fileParameters,
  guardHolds,
  MAX_STRING,
  type PresentationGuard,
  type PresentedParam,
  readParam,
  readSource,
  type StringRead,
  type ValueSource,
} from "../../../language/index.ts";
import { rowOf } from "../../../linux/index.ts";
import { isBadText } from "../task/bad-address.ts";
import { HANDLE_HEADER_SIZE, sizeOfHandle } from "../task/handles.ts";
import type { Resolved } from "../task/path-resolver.ts";
import { pathText } from "../task/path-text.ts";
import { OpenHow, RESOLVE_IN_ROOT } from "../task/rooted-files.ts";
import type { FileRead, PresentedView, ReadCall } from "./read-call.ts";
import { readSocketName } from "./socket-name.ts";

const CURRENT = BigInt(AT_FDCWD);
/** What the names of abstract sockets begin with, for people: ss(8) writes it so. */
const ABSTRACT = Buffer.from("@");
/** Which argument of openat2. */
const HOW = 2;

/** See CallView.path. */
export function fileOf(view: PresentedView, index: number): FileRead {
  const at = index === 0 ? firstFile(view) : index;
  const param = view.presentation.params[at - 1];
  if (param === undefined) return undefined;
  if (param.address !== undefined) return socketFile(view, at, param);
  return param.type.kind === "path" ? namedFile(view, at, param) : openFile(view, at);
}

/** The first name, or else the first descriptor. */
function firstFile({ presentation }: CallView): number {
  const { params } = presentation;
  const files = fileParameters(presentation);
  return files.find((at) => params[at - 1]?.source.kind !== "absent") ?? files[0] ?? 0;
}

/** Of a unix socket, as its address names it. */
function socketFile(view: PresentedView, at: number, param: PresentedParam): FileRead {
  const { traced, message } = view;
  const name = readSocketName(view, at, param);
  switch (name.kind) {
    case "none":
      return null;
    case "unreadable":
      return undefined;
    case "abstract":
      return asRead({ name: pathText(Buffer.concat([ABSTRACT, name.name])), key: undefined });
    case "file": {
      const { tgid, uids } = traced.identity() ?? {};
      if (tgid === undefined) return undefined;
      const follow = !(param.address?.in === "sockaddr" && param.address.creates);
      const request = {
        ...{ tid: traced.task.tid, tgid, fsuid: uids?.[3], dirfd: AT_FDCWD },
        ...{ path: name.path, follow, isRoot: false, mayBeEmpty: false },
      };
      return traced.path(`socket:${at}:${message}`, () =>
        asRead(traced.context.paths.resolve(request)),
      );
    }
  }
}

function namedFile(
  view: PresentedView,
  at: number,
  { dirfd: source, nofollow, mayBeEmpty }: PresentedParam,
): FileRead {
  const { traced } = view;
  if (rowOf(traced.name).pathBy === "handle") return handleFile(view);
  const pointer = readParam(view, at);
  if (typeof pointer !== "bigint") return undefined;
  const isEmptyAllowed = mayBeEmpty !== undefined && holds(view, mayBeEmpty);
  if (pointer === 0n && !isEmptyAllowed) return undefined;
  const given = pointer === 0n ? NOTHING : view.readString(pointer);
  const { task } = traced;
  const { tgid, uids } = traced.identity() ?? {};
  if (tgid === undefined) return undefined;
  if (given === undefined) return unlessForAll(traced, pointer);
  if (given.truncated) return "refused";
  const directory = source === undefined ? CURRENT : readSource(view, source);
  if (typeof directory !== "bigint") return undefined;
  const dirfd = Number(BigInt.asIntN(32, directory));
  const follow = nofollow === undefined || !holds(view, nofollow);
  const isRoot = staysInDirectory(view);
  if (isRoot === undefined) return undefined;
  const request = {
    ...{ tid: task.tid, tgid, fsuid: uids?.[3], dirfd, path: given.bytes },
    ...{ follow, isRoot, mayBeEmpty: isEmptyAllowed },
  };
  return traced.path(`${pointer}:${dirfd}:${follow}`, () =>
    asRead(traced.context.paths.resolve(request)),
  );
}

/** open_by_handle_at(mount_fd, handle, flags) */
function handleFile({ traced }: PresentedView): FileRead {
  const [mount = 0n, address = 0n] = traced.args;
  const header = traced.readMemory(address, HANDLE_HEADER_SIZE);
  const size = header && sizeOfHandle(header);
  if (header === undefined || size === undefined) return header && "refused";
  const handle = traced.readMemory(address, size);
  if (handle === undefined) return undefined;
  const mountFd = Number(BigInt.asIntN(32, mount));
  return traced.path("handle", () =>
    asRead(traced.context.paths.openHandle(traced.task.tid, mountFd, handle)),
  );
}

const NOTHING: StringRead = { bytes: new Uint8Array(), truncated: false };

/** One of the conditions holds; none at all means always. */
function holds(view: CallView, guards: readonly PresentationGuard[]): boolean {
  return guards.length === 0 || guards.some((guard) => guardHolds(view, guard));
}

/** Of text that we cannot read: the kernel may not be able to, either. */
function unlessForAll(traced: ReadCall, pointer: bigint): FileRead {
  const { memory, tasks } = traced.context;
  const context = { memory, files: tasks.files };
  return traced.path(`text ${pointer}`, () =>
    isBadText(context, traced.memoryOwner, Number(pointer), MAX_STRING) ? "refused" : undefined,
  );
}

/** Whether openat2 takes the directory for the root; undefined: that cannot be read. */
function staysInDirectory({ traced }: PresentedView): boolean | undefined {
  const { name, args } = traced;
  if (rowOf(name).pathBy !== "how") return false;
  const how = traced.readMemory(args[HOW] ?? 0n, OpenHow.size);
  if (how === undefined) return undefined;
  return (Buffer.from(how).readUInt32LE(OpenHow.resolve) & RESOLVE_IN_ROOT) !== 0;
}

function openFile(view: PresentedView, at: number): FileRead {
  const { traced } = view;
  const value = readParam(view, at);
  if (typeof value !== "bigint") return undefined;
  const fd = Number(BigInt.asIntN(32, value));
  const isDirectory = view.presentation.params[at - 1]?.type.semantic === "dirfd";
  if (fd < 0 && !(isDirectory && fd === AT_FDCWD)) return "refused";
  return fileAt(traced, fd);
}

/** What is open at a number, or the working directory of AT_FDCWD; refused: nothing. */
export function fileAt(traced: ReadCall, fd: number): FileRead {
  return traced.path(`fd ${fd}`, () => asRead(traced.context.paths.openFile(traced.task.tid, fd)));
}

/** The directory of a descriptor that a name may begin at; null: the working directory. */
export function directoryOf(view: PresentedView, dirfd: ValueSource): FileRead {
  const { traced } = view;
  const value = readSource(view, dirfd);
  if (typeof value !== "bigint") return undefined;
  const fd = BigInt.asIntN(32, value);
  if (fd === CURRENT) return null;
  if (fd < 0n) return "refused";
  return fileAt(traced, Number(fd));
}

function asRead(resolved: Resolved): FileRead {
  if (resolved === undefined || resolved === "refused") return resolved;
  const bytes = Buffer.from(resolved.name, "latin1");
  return {
    bytes: bytes.length > MAX_STRING ? bytes.subarray(0, MAX_STRING) : bytes,
    truncated: bytes.length > MAX_STRING,
    key: resolved.key,
    missing: resolved.missing,
  };
}
