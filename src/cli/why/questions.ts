/** What can be done with a file or an address, as calls of `test` blocks. */
import { lstatSync, realpathSync, statSync } from "node:fs";
import { isIPv4, isIPv6 } from "node:net";
import { basename, dirname, join, resolve } from "node:path";
import { hostName, type PolicyRight, quotedText } from "../../language/index.ts";
import { UsageError } from "../errors.ts";

/** One use, under the name that --use has for it. */
export interface AskedUse {
  readonly use: string;
  /** The list of a policy that is about it. */
  readonly right: PolicyRight;
  /** `unlink("/etc/passwd")`. */
  readonly call: string;
  /** What the call's variables are, besides those of --as. */
  readonly as?: string;
  /** The name itself is made, moved or removed. */
  readonly isNamed?: boolean;
}

export interface AskedSubject {
  readonly kind: "file" | "address" | "host";
  /** As policies compare it: absolute and resolved; an address with its port; a name in lower case. */
  readonly name: string;
  readonly isFolder: boolean;
  readonly port?: number;
  readonly questions: readonly AskedUse[];
}

const WITH_PORT = /^(?:\[([0-9A-Fa-f:.]+)\]|([^:/@\s]+)):(\d{1,5})$/;
const MAX_PORT = 65_535;

/** Throws UsageError for a text that is neither. */
export function askedSubject(text: string): AskedSubject {
  if (text === "") throw new UsageError("a file or an address is missing");
  if (text.startsWith("@")) return file(text, [unixQuestion(text)]);
  const [, bracketed, plain, digits] = WITH_PORT.exec(text) ?? [];
  const host = bracketed ?? plain;
  if (host !== undefined && !text.startsWith("/")) return peer(host, Number(digits), text);
  if (isIPv4(text) || isIPv6(text))
    throw new UsageError(`'${text}' lacks a port: write ${isIPv6(text) ? `[${text}]` : text}:443`);
  return ofFile(resolvedPath(text));
}

function peer(host: string, port: number, text: string): AskedSubject {
  if (port > MAX_PORT) throw new UsageError(`'${text}': ports go up to ${MAX_PORT}`);
  if (isIPv4(host) || isIPv6(host)) {
    const six = isIPv6(host);
    const [family, word] = six ? ["AF_INET6", "sin6"] : ["AF_INET", "sin"];
    const as = `PARAMS[2].sa_family = ${family}, PARAMS[2].${word}_addr = ${host}, PARAMS[2].${word}_port = ${port}`;
    const questions: AskedUse[] = [
      { use: "connect", right: "connect", call: "connect(3)", as },
      { use: "listen", right: "listen", call: "bind(3)", as },
    ];
    const name = `${six ? `[${host}]` : host}:${port}`;
    return { kind: "address", name, isFolder: false, port, questions };
  }
  const name = hostName(host);
  if (name === undefined) throw new UsageError(`'${host}' is no address and no name of a host`);
  return { kind: "host", name, isFolder: false, port, questions: [] };
}

/** As the kernel finds it: links resolved as far as there is something. */
export function resolvedPath(path: string): string {
  const absolute = resolve(path);
  try {
    return realpathSync(absolute);
  } catch {
    const parent = dirname(absolute);
    return parent === absolute ? absolute : join(resolvedPath(parent), basename(absolute));
  }
}

function file(name: string, questions: readonly AskedUse[], isFolder = false): AskedSubject {
  return { kind: "file", name, isFolder, questions };
}

function unixQuestion(name: string): AskedUse {
  const as = `PARAMS[2].sa_family = AF_UNIX, PATH[2] = ${quotedText(name)}`;
  return { use: "unix", right: "unix", call: "connect(3)", as };
}

function ofFile(name: string): AskedSubject {
  const stat = statSync(name, { throwIfNoEntry: false });
  const isFolder = stat?.isDirectory() === true;
  const text = quotedText(name);
  const opens = (flags: string): string => `open(${text}, ${flags})`;
  const named: AskedUse = {
    use: "names",
    right: "write",
    call: isFolder ? `rmdir(${text})` : `unlink(${text})`,
    isNamed: true,
  };
  const attributes: AskedUse = {
    use: "attributes",
    right: "attributes",
    call: `chmod(${text}, 0)`,
  };
  if (isFolder) {
    const read: AskedUse = { use: "read", right: "read", call: opens("O_RDONLY | O_DIRECTORY") };
    return file(name, [read, named, attributes], true);
  }
  const isSocket = lstatSync(name, { throwIfNoEntry: false })?.isSocket() === true;
  if (isSocket) return file(name, [unixQuestion(name), named, attributes]);
  return file(name, [
    { use: "read", right: "read", call: opens("O_RDONLY") },
    { use: "write", right: "write", call: opens("O_WRONLY") },
    named,
    { use: "execute", right: "execute", call: `execve(${text})` },
    attributes,
  ]);
}
