/**
 * io_uring makes calls that seccomp never sees. A rule set that refuses or kills on file or network calls would
 * have a hole, so io_uring_setup fails too, with EPERM as where the system forbids it; programs then do without.
 * The user hears of it when a program asks for a ring: most never do.
 */
import type { Abi, CheckedRule } from "../../language/index.ts";
import { vocabulary } from "../../syscalls/index.ts";
import { findNumbers } from "./call-numbers.ts";
import { EPERM, type RefusedCall } from "./supervision.ts";

const ACTING: ReadonlySet<string> = new Set(["FAIL", "KILL", "SUSPEND", "REWRITE"]);
/** Besides @file and @network: what a ring does with descriptors. */
const OTHERS = `openat openat2 close read write readv writev pread64 pwrite64 preadv pwritev preadv2 pwritev2 fsync
  fdatasync sync_file_range fallocate fadvise64 madvise splice tee epoll_ctl poll ftruncate pipe pipe2 statx
  unlinkat renameat renameat2 mkdirat symlinkat linkat accept4 fgetxattr fsetxattr waitid futex`;

/** Names of the rules that a ring could get around. */
function rulesBlindToRings(rules: readonly CheckedRule[]): readonly string[] {
  const acting = rules.filter(({ actions }) => actions.some(({ type }) => ACTING.has(type)));
  if (acting.length === 0) return [];
  const reachable = new Set([
    ...(vocabulary.classMembers("@file") ?? []),
    ...(vocabulary.classMembers("@network") ?? []),
    ...OTHERS.split(/\s+/),
  ]);
  return acting
    .filter(({ targets }) => targets.some(({ name }) => reachable.has(name)))
    .map(({ name }) => name);
}

/** Whether the rules decide on io_uring_setup themselves. */
function namesRings(rules: readonly CheckedRule[]): boolean {
  return rules.some(({ targets, when }) =>
    targets.some(({ name }) => when === "before" && name === "io_uring_setup"),
  );
}

const SETUP = ["io_uring_setup"];

export class RingRefusal {
  /** Numbers of the calls that fail; empty where rules have nothing to lose. */
  readonly numbers: Readonly<Record<Abi, ReadonlySet<number>>>;
  readonly #rule: string | undefined;
  readonly #tell: (line: string) => void;
  #isTold = false;

  constructor(rules: readonly CheckedRule[], tell: (line: string) => void) {
    this.#tell = tell;
    this.#rule = namesRings(rules) ? undefined : rulesBlindToRings(rules)[0];
    const names = this.#rule === undefined ? [] : SETUP;
    this.numbers = { x86_64: findNumbers(names, "x86_64"), i386: findNumbers(names, "i386") };
  }

  errnoFor({ abi, nr, tid }: RefusedCall): number | undefined {
    if (!this.numbers[abi].has(nr)) return undefined;
    if (!this.#isTold)
      this.#tell(
        `io_uring_setup of process ${tid} and all others fails with EPERM: rules such as '${this.#rule}' cannot see what a ring does`,
      );
    this.#isTold = true;
    return EPERM;
  }
}
