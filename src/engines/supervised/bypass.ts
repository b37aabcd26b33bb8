/**
 * io_uring and kernel AIO (io_submit) make calls that seccomp never sees. A rule set that acts on what they can do would
 * have a hole, so setting one up fails as where the system has none: programs then do without. The user hears of it
 * when a program tries: most never do.
 */
import type { Abi, CheckedRule } from "../../language/index.ts";
import { vocabulary } from "../../syscalls/index.ts";
import { findNumbers } from "./call-numbers.ts";
import { EPERM, type RefusedCall } from "./supervision.ts";

const ENOSYS = 38;
const ACTING: ReadonlySet<string> = new Set(["FAIL", "KILL", "SUSPEND", "REWRITE"]);

interface Bypass {
  /** The call without which there is none. */
  readonly setup: string;
  readonly errno: number;
  readonly errnoName: string;
  readonly what: string;
  /** Calls that it makes unseen. */
  readonly reaches: ReadonlySet<string>;
}

const BYPASSES: readonly Bypass[] = [
  {
    setup: "io_uring_setup",
    errno: EPERM,
    errnoName: "EPERM",
    what: "a ring",
    // the last: what a ring does with descriptors
    reaches: new Set([
      ...(vocabulary.classMembers("@file") ?? []),
      ...(vocabulary.classMembers("@network") ?? []),
      ...words(`openat openat2 close read write readv writev pread64 pwrite64 preadv pwritev preadv2 pwritev2 fsync
        fdatasync sync_file_range fallocate fadvise64 madvise splice tee epoll_ctl poll ftruncate pipe pipe2 statx
        unlinkat renameat renameat2 mkdirat symlinkat linkat accept4 fgetxattr fsetxattr waitid futex`),
    ]),
  },
  {
    // IOCB_CMD_* of include/uapi/linux/aio_abi.h
    setup: "io_setup",
    // what programs expect of a kernel without it
    errno: ENOSYS,
    errnoName: "ENOSYS",
    what: "asynchronous I/O",
    reaches: new Set(
      words(
        `read write readv writev pread64 pwrite64 preadv pwritev preadv2 pwritev2 fsync fdatasync poll ppoll`,
      ),
    ),
  },
];

interface Refusal {
  readonly bypass: Bypass;
  /** Name of a rule that it could get around. */
  readonly rule: string;
}

function words(text: string): string[] {
  return text.split(/\s+/);
}

function refusalsFor(rules: readonly CheckedRule[]): readonly Refusal[] {
  const acting = rules.filter(({ actions }) => actions.some(({ type }) => ACTING.has(type)));
  return BYPASSES.flatMap((bypass) => {
    const { setup, reaches } = bypass;
    // the rules decide on it themselves
    const isNamed = rules.some(
      ({ targets, when }) => when === "before" && targets.some(({ name }) => name === setup),
    );
    const blind = acting.find(({ targets }) => targets.some(({ name }) => reaches.has(name)));
    return blind === undefined || isNamed ? [] : [{ bypass, rule: blind.name }];
  });
}

const ABIS = ["x86_64", "i386"] as const;

export class BypassRefusal {
  /** Calls that fail; empty where rules have nothing to lose. */
  readonly names: readonly string[];
  /** Their numbers. */
  readonly numbers: Readonly<Record<Abi, ReadonlySet<number>>>;
  readonly #byNumber = new Map<string, Refusal>();
  readonly #tell: (line: string) => void;
  readonly #told = new Set<Refusal>();

  constructor(rules: readonly CheckedRule[], tell: (line: string) => void) {
    this.#tell = tell;
    const refusals = refusalsFor(rules);
    this.names = refusals.map(({ bypass }) => bypass.setup);
    this.numbers = {
      x86_64: findNumbers(this.names, "x86_64"),
      i386: findNumbers(this.names, "i386"),
    };
    for (const refusal of refusals)
      for (const abi of ABIS)
        for (const nr of findNumbers([refusal.bypass.setup], abi))
          this.#byNumber.set(`${abi} ${nr}`, refusal);
  }

  errnoFor({ abi, nr, tid }: RefusedCall): number | undefined {
    if (!this.numbers[abi].has(nr)) return undefined;
    const refusal = this.#byNumber.get(`${abi} ${nr}`);
    if (refusal === undefined) return undefined;
    const { bypass, rule } = refusal;
    if (!this.#told.has(refusal))
      this.#tell(
        `${bypass.setup} of process ${tid} and all others fails with ${bypass.errnoName}: rules such as '${rule}' cannot see what ${bypass.what} does`,
      );
    this.#told.add(refusal);
    return bypass.errno;
  }
}
