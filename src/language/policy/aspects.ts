/** Which calls each list of a policy is about, and which of them it denies. */
import type { Span } from "../../base/span.ts";
import type { Expr } from "../ast.ts";
import type { PolicyAspect, PolicyPart, PolicyRight } from "../checked/policy.ts";
import { type Builder, builderAt } from "./build.ts";
import { addressFits, type FileUse, fileFits } from "./fits.ts";

export interface Aspect {
  /** Behind the name of the right in that of the rule; absent for the first. */
  readonly name?: string;
  readonly aspect: PolicyAspect;
  readonly calls: readonly string[];
  /** What is denied, as a log format says it. */
  readonly subject: string;
  /** What is denied; undefined: all. */
  readonly filter: (part: PolicyPart, span: Span) => Expr | undefined;
}

/** With these the call does what the list is about. */
type Condition = (b: Builder) => Expr;

const __O_TMPFILE = 0o20000000;

const flags = (b: Builder): Expr => b.at("PARAMS", 2);
const bits = (b: Builder, mask: Expr): Expr =>
  b.binary(b.binary(flags(b), "&", mask), "!=", b.number(0));

/** A name in the file system: no pipe, no memory. */
const named: Condition = (b) => b.binary(b.name("PATH"), "startswith", b.text(SLASH));
const SLASH = Uint8Array.of(0x2f);
/** Opening by O_PATH opens nothing, and pipes of /proc are no files: not for Landlock either. */
const opens = (b: Builder, way: Expr): Expr =>
  b.all(b.binary(b.binary(flags(b), "&", b.name("O_PATH")), "==", b.number(0)), way, named(b));

const forReading: Condition = (b) =>
  opens(b, b.binary(b.binary(flags(b), "&", b.name("O_ACCMODE")), "!=", b.name("O_WRONLY")));

const forWriting: Condition = (b) =>
  opens(
    b,
    bits(
      b,
      ["O_RDWR", "O_CREAT", "O_TRUNC"]
        .map((name) => b.name(name))
        .reduce((left, right) => b.binary(left, "|", right), b.name("O_WRONLY")),
    ),
  );

const withoutName: Condition = (b) => bits(b, b.number(__O_TMPFILE));

type Use = Pick<FileUse, "names"> & {
  readonly folders: "too" | "never" | { readonly if: Condition };
};

/** Denies calls that meet `when` unless each of the paths is allowed. */
function unlessAllowed(paths: readonly string[], use: Use, when?: Condition): Aspect["filter"] {
  return ({ files }, span) => {
    const b = builderAt(span);
    const { folders, names } = use;
    const denied = paths.map((path) => {
      const subject = path === "PATH" ? b.name(path) : b.at("PATH", Number(path));
      const allowed = fileFits(
        files,
        {
          path: subject,
          folders: typeof folders === "object" ? { if: folders.if(b) } : folders,
          names,
        },
        span,
      );
      return allowed && b.not(allowed);
    });
    const condition = when?.(b);
    const isAll = denied.some((one) => one === undefined);
    if (isAll) return condition;
    return condition === undefined ? b.any(...denied) : b.all(condition, b.any(...denied));
  };
}

const family = (b: Builder, at: number): Expr => b.field(b.at("PARAMS", at), "family");
const isUnix =
  (at: number): Condition =>
  (b) =>
    b.binary(family(b, at), "==", b.name("AF_UNIX"));
const given = (b: Builder, at: number): Expr => b.binary(b.at("PARAMS", at), "!=", b.number(0));

/** Denies addresses that are none of this machine's own kinds, unless they are allowed. */
function unlessAddress(at: number, own: readonly string[], when?: Condition): Aspect["filter"] {
  return ({ addresses }, span) => {
    const b = builderAt(span);
    const allowed = addressFits(addresses, b.at("PARAMS", at), span);
    return b.all(
      when?.(b),
      b.not(
        b.among(
          family(b, at),
          own.map((name) => b.name(name)),
        ),
      ),
      allowed && b.not(allowed),
    );
  };
}

/** The message has an address of its own. */
const withAddress = (name: string): Condition => {
  const length = name.replace(/name$/, "namelen");
  return (b) =>
    b.all(
      ...[name, length].map((member) =>
        b.binary(b.field(b.at("PARAMS", 2), member), "!=", b.number(0)),
      ),
    );
};

const reads: Use = { folders: "too", names: true };
const changes: Use = { folders: "never", names: true };
const moves: Use = { folders: "never", names: false };

/** The first aspect of a right is what the right is named after. */
export const ASPECTS: Readonly<Record<PolicyRight, readonly Aspect[]>> = {
  read: [
    {
      aspect: "use",
      calls: ["open"],
      subject: "%path",
      filter: unlessAllowed(["PATH"], reads, forReading),
    },
  ],
  write: [
    {
      aspect: "use",
      calls: ["open"],
      subject: "%path",
      filter: unlessAllowed(["PATH"], { folders: { if: withoutName }, names: true }, forWriting),
    },
    {
      name: "truncate",
      aspect: "truncate",
      calls: ["truncate"],
      subject: "%path",
      filter: unlessAllowed(["PATH"], changes),
    },
    {
      name: "names",
      aspect: "names",
      calls: ["mkdir", "rmdir", "unlink", "mknod"],
      subject: "%path",
      filter: unlessAllowed(["PATH"], moves),
    },
    {
      name: "moves",
      aspect: "names",
      calls: ["rename", "link"],
      subject: "%path1 to %path2",
      filter: unlessAllowed(["1", "2"], moves),
    },
    {
      name: "links",
      aspect: "names",
      calls: ["symlink"],
      subject: "%path2",
      filter: unlessAllowed(["2"], moves),
    },
    {
      name: "sockets",
      aspect: "names",
      calls: ["bind"],
      subject: "%path",
      filter: unlessAllowed(["PATH"], moves, (b) => b.all(isUnix(2)(b), named(b))),
    },
  ],
  execute: [
    {
      aspect: "use",
      calls: ["execve"],
      subject: "%path",
      filter: unlessAllowed(["PATH"], changes),
    },
  ],
  attributes: [
    {
      aspect: "attributes",
      calls: [
        ...["chmod", "fchmod", "chown", "lchown", "fchown", "utime"],
        ...["setxattr", "lsetxattr", "fsetxattr", "removexattr", "lremovexattr", "fremovexattr"],
      ],
      subject: "%path",
      filter: unlessAllowed(["PATH"], { folders: "too", names: true }, named),
    },
  ],
  connect: [
    {
      aspect: "network",
      calls: ["connect"],
      subject: "to %param2.addr port %param2.port",
      // an unspecified address ends a connection
      filter: unlessAddress(2, ["AF_UNIX", "AF_NETLINK", "AF_UNSPEC"]),
    },
    {
      name: "sendto",
      aspect: "network",
      calls: ["sendto"],
      subject: "to %param5.addr port %param5.port",
      filter: unlessAddress(5, ["AF_UNIX", "AF_NETLINK"], (b) => given(b, 5)),
    },
    {
      name: "sendmsg",
      aspect: "network",
      calls: ["sendmsg"],
      subject: "to %param2.addr port %param2.port",
      filter: unlessAddress(2, ["AF_UNIX", "AF_NETLINK"], withAddress("msg_name")),
    },
    {
      name: "sendmmsg",
      aspect: "network",
      calls: ["sendmmsg"],
      subject: "to %param2.addr port %param2.port",
      filter: unlessAddress(2, ["AF_UNIX", "AF_NETLINK"], withAddress("msg_hdr.msg_name")),
    },
  ],
  listen: [
    {
      aspect: "network",
      calls: ["bind"],
      subject: "%param2.addr port %param2.port",
      filter: unlessAddress(2, ["AF_UNIX", "AF_NETLINK"]),
    },
  ],
  unix: [
    {
      aspect: "network",
      calls: ["connect"],
      subject: "%path",
      filter: unlessAllowed(["PATH"], changes, isUnix(2)),
    },
    {
      name: "sendto",
      aspect: "network",
      calls: ["sendto"],
      subject: "%path",
      filter: unlessAllowed(["PATH"], changes, (b) => b.all(given(b, 5), isUnix(5)(b))),
    },
    {
      name: "sendmsg",
      aspect: "network",
      calls: ["sendmsg", "sendmmsg"],
      subject: "%path",
      filter: unlessAllowed(["PATH"], changes, isUnix(2)),
    },
  ],
};
