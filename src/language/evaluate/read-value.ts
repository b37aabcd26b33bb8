/** Strings of one call, as presented, and open files. */
import type { DescriptorNumber, DescriptorText } from "../../variables/index.ts";
import type { CallView, StringRead } from "../call-view.ts";
import type { StringExpr } from "../checked/index.ts";
import { fileParameters } from "../file-parameters.ts";
import type { CutText } from "./cut-text.ts";
import type { LongText } from "./long-text.ts";
import { readBuffer, readBufferStart, readWholeBuffer } from "./read-buffer.ts";
import type { Missing } from "./read-bytes.ts";
import { descriptorNumber, openFileAt, orMissing, peerAddress } from "./read-descriptor.ts";
import { readStringField, type Structs, whole } from "./read-field.ts";
import { readGivenAddress, readParam } from "./read-param.ts";

/** Of a text that may be known in part: a buffer, or texts of a list. */
export function readSubject(
  call: CallView,
  expr: StringExpr,
  structs: Structs,
): Uint8Array | LongText | CutText | Missing {
  switch (expr.kind) {
    case "bufferParam":
      return readBuffer(call, expr.index);
    case "argv":
      return known(call.argv(expr.index));
    case "envp":
      return known(call.envp(expr.name));
    default:
      return readString(call, expr, structs);
  }
}

function known(read: StringRead | null | undefined): Uint8Array | CutText | Missing {
  return read?.truncated === true ? { start: read.bytes } : whole(read);
}

function readPath(call: CallView, index: number): Uint8Array | Missing {
  const read = call.path(index);
  if (read === "refused") return "unreadable";
  if (read !== undefined) return whole(read);
  const { params } = call.presentation;
  const at = index === 0 ? (fileParameters(call.presentation)[0] ?? 0) : index;
  const param = params[at - 1];
  if (!param || param.source.kind === "absent") return "absent";
  if (param.type.kind === "path" && readGivenAddress(call, at) === "absent") return "absent";
  return "unreadable";
}

/** Bytes of a string operand. */
export function readString(
  call: CallView,
  expr: StringExpr,
  structs: Structs,
): Uint8Array | Missing {
  switch (expr.kind) {
    case "stringParam": {
      const pointer = readGivenAddress(call, expr.index);
      return typeof pointer === "bigint" ? whole(call.readString(pointer)) : pointer;
    }
    case "bufferParam":
      return readWholeBuffer(call, expr.index);
    case "stringField":
      return readStringField(call, expr.index, expr.field, structs);
    case "stringVariable":
      return whole(call.stringVariable(expr.name));
    case "pathOf":
      return readPath(call, expr.index);
    case "fdText":
      return readDescriptorText(call, expr.index, expr.member);
    case "argv":
      return whole(call.argv(expr.index));
    case "envp":
      return whole(call.envp(expr.name));
  }
}

export function readDescriptorText(
  call: CallView,
  index: number,
  member: DescriptorText,
): Uint8Array | Missing {
  const file = openFileAt(call, index, readParam(call, index));
  if (typeof file === "string") return file;
  return member === "path" ? whole(file.path) : orMissing(file.type);
}

export function readDescriptorNumber(
  call: CallView,
  index: number,
  member: DescriptorNumber,
): bigint | Missing {
  return descriptorNumber(openFileAt(call, index, readParam(call, index)), member);
}

/** Of the peer of a socket, in 4 or 16 bytes. */
export function readPeerAddress(call: CallView, index: number): Uint8Array | Missing {
  return peerAddress(openFileAt(call, index, readParam(call, index)));
}

/** The first bytes of a string operand, where it is too long to be read whole. A file that the call is refused over is absent. */
export function readStart(
  call: CallView,
  expr: StringExpr,
  structs: Structs,
): StringRead | Missing {
  switch (expr.kind) {
    case "bufferParam":
      return readBufferStart(call, expr.index);
    case "argv":
      return startOf(call.argv(expr.index));
    case "envp":
      return startOf(call.envp(expr.name));
    case "stringVariable":
      return startOf(call.stringVariable(expr.name));
    case "stringParam": {
      const pointer = readGivenAddress(call, expr.index);
      return typeof pointer === "bigint" ? startOf(call.readString(pointer)) : pointer;
    }
    default: {
      if (expr.kind === "pathOf" && call.path(expr.index) === "refused") return "absent";
      const bytes = readString(call, expr, structs);
      return typeof bytes === "string" ? bytes : { bytes, truncated: false };
    }
  }
}

function startOf(read: StringRead | null | undefined): StringRead | Missing {
  return read === null ? "absent" : (read ?? "unreadable");
}
