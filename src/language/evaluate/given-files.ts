/**
 * The files that parameters of a test's call lead to: PATH[n] and FD[n]. The test says so by the numbers of the call that it makes; a
 * rule may use another name for that call, whose parameters have other numbers. What the test does not say follows from the text of
 * names alone, as a test has no files.
 */
import { AF_UNIX, AT_FDCWD } from "../../base/linux-abi.ts";
import type { DescriptorMember } from "../../variables/index.ts";
import type { CallView, OpenFile, StringRead } from "../call-view.ts";
import { type CheckedTest, MAX_STRING } from "../checked/index.ts";
import { fileParameters, isDescriptor } from "../file-parameters.ts";
import { latin1 } from "../strings/latin1.ts";
import type { Presentation, PresentedParam, ValueSource } from "../vocabulary.ts";
import { readField, readStringField, type Structs } from "./read-field.ts";
import { guardHolds, readParam, readSource } from "./read-param.ts";

type Variables = CheckedTest["call"]["variables"];

const SLASH = "/".charCodeAt(0);
const encoder = new TextEncoder();

/** As much of a text as rules look at. */
export function stringRead(bytes: Uint8Array): StringRead {
  return { bytes: bytes.subarray(0, MAX_STRING), truncated: bytes.length > MAX_STRING };
}

/** `path` below `directory`, with `.`, `..` and double slashes resolved by their text alone. */
function resolved(directory: Uint8Array, path: Uint8Array): StringRead {
  const parts: string[] = [];
  // a character for each byte: names need not be UTF-8
  const whole = path[0] === SLASH ? latin1(path) : `${latin1(directory)}/${latin1(path)}`;
  for (const part of whole.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "" && part !== ".") parts.push(part);
  }
  return stringRead(Uint8Array.from(`/${parts.join("/")}`, (one) => one.charCodeAt(0)));
}

export class GivenFiles {
  readonly #variables: Variables;
  /** Of the call that the test makes, as it is made. */
  readonly #own: readonly PresentedParam[];
  readonly #structs: Structs;

  constructor(variables: Variables, own: Presentation | undefined, structs: Structs) {
    this.#variables = variables;
    this.#own = own?.params ?? [];
    this.#structs = structs;
  }

  /** See CallView.path. */
  path(view: CallView, index: number): StringRead | "refused" | null | undefined {
    const { presentation } = view;
    const first = fileParameters(presentation)[0] ?? 0;
    const at = index === 0 ? first : index;
    const param = presentation.params[at - 1];
    if (param === undefined) return undefined;
    const given =
      this.#text(`PATH[${this.#ownNumber(param)}]`) ??
      (at === first ? this.#text("PATH") : undefined);
    if (given !== undefined) return given;
    if (param.address !== undefined) return this.#socket(view, at, param.address.in);
    if (param.type.kind === "path") return this.#named(view, at, param);
    const value = readParam(view, at);
    return typeof value === "bigint"
      ? this.#directory(view, value, param.type.semantic === "dirfd")
      : undefined;
  }

  /** What is open at a number; a file of which the test says nothing is open. */
  openFile(view: CallView, fd: number): OpenFile {
    const given = (member: DescriptorMember) => this.#ofDescriptor(view, fd, member);
    const text = (member: DescriptorMember, usual: Uint8Array): Uint8Array => {
      const value = given(member);
      return value instanceof Uint8Array ? value : usual;
    };
    const [address, port, flags] = [given("addr"), given("port"), given("flags")];
    const hasPeer = address !== undefined || port !== undefined;
    const isHere = fd === AT_FDCWD;
    const type = isHere ? "dir" : hasPeer ? "socket" : "file";
    return {
      type: text("type", encoder.encode(type)),
      path: stringRead(text("path", isHere ? this.#workingDirectory() : new Uint8Array())),
      flags: typeof flags === "bigint" ? flags : isHere ? null : 0n,
      peer: hasPeer
        ? {
            address: address instanceof Uint8Array ? address : new Uint8Array(4),
            port: typeof port === "bigint" ? Number(port) : 0,
          }
        : null,
    };
  }

  /** From 1: which parameter of the call itself it is; 0: none. */
  #ownNumber({ source }: PresentedParam): number {
    return this.#own.findIndex((own) => isSameRegister(own.source, source)) + 1;
  }

  /** What the test says of any parameter that holds the number: `FD[1].path = "/x"`. */
  #ofDescriptor(
    view: CallView,
    fd: number,
    member: DescriptorMember,
  ): bigint | Uint8Array | undefined {
    for (const [i, param] of this.#own.entries()) {
      if (!isDescriptor(param)) continue;
      const value = readSource(view, param.source);
      if (typeof value !== "bigint" || Number(BigInt.asIntN(32, value)) !== fd) continue;
      const given = this.#variables.get(`FD[${i + 1}].${member}`);
      if (given !== undefined) return given;
    }
    return undefined;
  }

  #text(name: string): StringRead | undefined {
    const value = this.#variables.get(name);
    return value instanceof Uint8Array ? stringRead(value) : undefined;
  }

  #workingDirectory(): Uint8Array {
    const given = this.#variables.get("CWD");
    return given instanceof Uint8Array ? given : new Uint8Array();
  }

  /** Resolved by its text. */
  #named(
    view: CallView,
    at: number,
    { dirfd, mayBeEmpty }: PresentedParam,
  ): StringRead | "refused" | undefined {
    const pointer = readParam(view, at);
    if (typeof pointer !== "bigint") return undefined;
    const isEmptyAllowed =
      mayBeEmpty !== undefined &&
      (mayBeEmpty.length === 0 || mayBeEmpty.some((guard) => guardHolds(view, guard)));
    if (pointer === 0n && !isEmptyAllowed) return undefined;
    const read = pointer === 0n ? stringRead(new Uint8Array()) : view.readString(pointer);
    if (read === undefined) return undefined;
    // ENAMETOOLONG, ENOENT
    if (read.truncated || (read.bytes.length === 0 && !isEmptyAllowed)) return "refused";
    if (read.bytes[0] === SLASH) return resolved(new Uint8Array(), read.bytes);
    const begin = this.#beginOf(view, dirfd);
    return typeof begin === "object" ? resolved(begin.bytes, read.bytes) : begin;
  }

  /** The file of a unix socket. */
  #socket(view: CallView, at: number, where: string): StringRead | null | undefined {
    const begin = where === "sockaddr" ? "" : "msg_name.";
    const family = readField(view, at, `${begin}sun_family`, this.#structs);
    const name = readStringField(view, at, `${begin}sun_path`, this.#structs);
    if (family === "unreadable" || name === "unreadable") return undefined;
    if (family !== BigInt(AF_UNIX) || name === "absent" || name.length === 0) return null;
    return resolved(this.#workingDirectory(), name);
  }

  #beginOf(view: CallView, dirfd: ValueSource | undefined): StringRead | "refused" | undefined {
    if (dirfd === undefined) return stringRead(this.#workingDirectory());
    const value = readSource(view, dirfd);
    return typeof value === "bigint" ? this.#directory(view, value, true) : undefined;
  }

  /** The name of what a number stands for. */
  #directory(
    view: CallView,
    value: bigint,
    mayBeHere: boolean,
  ): StringRead | "refused" | undefined {
    const fd = Number(BigInt.asIntN(32, value));
    if (fd < 0 && !(mayBeHere && fd === AT_FDCWD)) return "refused";
    return this.openFile(view, fd).path;
  }
}

function isSameRegister(a: ValueSource, b: ValueSource): boolean {
  return a.kind === "arg" && b.kind === "arg" && a.index === b.index;
}
