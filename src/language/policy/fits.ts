/** Lists of a policy as conditions: the last member that fits decides. */
import type { Span } from "../../base/span.ts";
import type { Expr } from "../ast.ts";
import type { AllowedAddress, AllowedFile } from "../checked/policy.ts";
import { type Builder, builderAt } from "./build.ts";

/** What members that all allow, or all take away, have in common. */
interface Run<M> {
  readonly negated: boolean;
  readonly members: M[];
}

function runsOf<M extends { readonly negated: boolean }>(members: readonly M[]): Run<M>[] {
  const runs: Run<M>[] = [];
  for (const member of members) {
    const last = runs.at(-1);
    if (last?.negated === member.negated) last.members.push(member);
    else if (last !== undefined || !member.negated)
      runs.push({ negated: member.negated, members: [member] });
  }
  return runs;
}

/** Undefined: nothing is allowed. */
function combined<M extends { readonly negated: boolean }>(
  b: Builder,
  members: readonly M[],
  fits: (members: readonly M[]) => Expr,
): Expr | undefined {
  let allowed: Expr | undefined;
  for (const run of runsOf(members)) {
    const fit = fits(run.members);
    if (allowed === undefined) allowed = fit;
    else allowed = run.negated ? b.all(allowed, b.not(fit)) : b.any(allowed, fit);
  }
  return allowed;
}

export interface FileUse {
  readonly path: Expr;
  /** Folders themselves: reading a list of them, or a file without a name in one. */
  readonly folders: "too" | "never" | { readonly if: Expr };
  /** Whether members that are names count. */
  readonly names: boolean;
}

/** The file is allowed; undefined: none is. */
export function fileFits(
  files: readonly AllowedFile[],
  { path, folders, names }: FileUse,
  span: Span,
): Expr | undefined {
  const b = builderAt(span);
  const text = (value: Uint8Array, at: Span): Expr => builderAt(at).text(value);
  const fits = (members: readonly AllowedFile[]): Expr => {
    const patterns = members.flatMap((file) => (file.form === "name" ? [] : [patternOf(file)]));
    const whole = members.filter(({ form }) => form === "name");
    const below = members.filter(({ form }) => form === "below");
    const dirs = below.map((file) => text(file.text, file.span));
    const literal = [
      ...whole.map((file) => text(file.text, file.span)),
      ...(folders === "too" ? dirs : []),
    ];
    return b.any(
      patterns.length === 0 ? undefined : b.binary(path, "matches", b.set(patterns)),
      literal.length === 0 ? undefined : b.among(path, literal),
      typeof folders === "object" && dirs.length > 0
        ? b.all(folders.if, b.among(path, dirs))
        : undefined,
    );
  };
  const patternOf = (file: AllowedFile): Expr =>
    text(file.form === "below" ? everythingIn(file.text) : file.text, file.span);
  const counted = files.filter(({ form }) => names || form !== "name");
  return combined(b, counted, fits);
}

/** The pattern of a folder: `/**` behind its name. */
function everythingIn(folder: Uint8Array): Uint8Array {
  const base = folder.length === 1 ? folder.subarray(0, 0) : folder;
  const pattern = new Uint8Array(base.length + ALL.length);
  pattern.set(base);
  pattern.set(ALL, base.length);
  return pattern;
}

const ALL = new TextEncoder().encode("/**");

/** The address is allowed; undefined: none is. */
export function addressFits(
  addresses: readonly AllowedAddress[],
  address: Expr,
  span: Span,
): Expr | undefined {
  const b = builderAt(span);
  const fits = (members: readonly AllowedAddress[]): Expr =>
    b.any(
      ...members.map(({ network, port, span: at }) => {
        const own = builderAt(at);
        const networks: Expr | undefined =
          network === undefined
            ? undefined
            : own.among(own.field(address, "addr"), [{ kind: "network", text: network, span: at }]);
        const ports =
          port === undefined
            ? undefined
            : own.binary(own.field(address, "port"), "==", own.number(port));
        if (networks === undefined && ports === undefined)
          return own.binary(own.number(1), "==", own.number(1));
        return own.all(networks, ports);
      }),
    );
  return combined(b, addresses, fits);
}
