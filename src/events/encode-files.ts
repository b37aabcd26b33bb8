/** Names of files that a record has in its tail besides the texts of parameters. */
import { AT_FDCWD } from "../base/linux-abi.ts";
import type { CallView, StringRead } from "../language/call-view.ts";
import { fileParameters, namesInDirectories } from "../language/file-parameters.ts";
import { readSource } from "../language/index.ts";
import { TAIL_CWD, TAIL_DIR, TAIL_EXE, TAIL_PATH, TailStatus } from "./layout.ts";

interface NamedEntry {
  readonly id: number;
  readonly status: number;
  readonly bytes: Uint8Array;
}

/** Of a call that never happened, as its view has them. */
export function encodeFiles(view: CallView): NamedEntry[] {
  const { presentation } = view;
  const entries = [
    entry(TAIL_EXE, view.stringVariable("EXE")),
    entry(TAIL_CWD, view.stringVariable("CWD")),
  ];
  for (const { nth, dirfd } of namesInDirectories(presentation)) {
    const value = readSource(view, dirfd);
    const fd = typeof value === "bigint" ? Number(BigInt.asIntN(32, value)) : undefined;
    const directory = fd === AT_FDCWD ? null : fd === undefined ? undefined : pathAt(view, fd);
    entries.push(entry(TAIL_DIR + nth, directory));
  }
  for (const [nth, at] of fileParameters(presentation).entries()) {
    if (presentation.params[at - 1]?.source.kind !== "absent")
      entries.push(entry(TAIL_PATH + nth, view.path(at)));
  }
  return entries;
}

function pathAt(view: CallView, fd: number): StringRead | null | undefined {
  const file = fd < 0 ? null : view.openFile?.(fd);
  return file === null ? null : file?.path;
}

function entry(id: number, read: StringRead | "refused" | null | undefined): NamedEntry {
  if (read === null || read === "refused") return { id, status: TailStatus.null, bytes: NOTHING };
  if (read === undefined) return { id, status: TailStatus.unreadable, bytes: NOTHING };
  return { id, status: read.truncated ? TailStatus.truncated : TailStatus.ok, bytes: read.bytes };
}

const NOTHING = new Uint8Array(0);
