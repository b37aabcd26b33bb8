/**
 * io_uring and kernel AIO (io_submit) make calls that seccomp never sees. A rule set that acts on what they can do would
 * have a hole, so setting one up fails as where the system has none: programs then do without. The user hears of it
 * when a program tries: most never do.
 */
import type { Abi, CheckedRule } from "../../language/index.ts";
import { callName, vocabulary } from "../../linux/index.ts";
import { ENOSYS, errnoName } from "../../sys/index.ts";
import { findNumbers } from "./call-numbers.ts";
import type { PlainCall } from "./own-processes.ts";
import { acts } from "./rule-index.ts";
import { EPERM } from "./supervision.ts";

interface Bypass {
  /** The call without which there is none. */
  readonly setup: string;
  /** Calls on one that somebody else has set up. */
  readonly uses: readonly string[];
  /** What /proc calls a descriptor of one. */
  readonly descriptor?: string;
  readonly errno: number;
  readonly what: string;
  /** Calls and classes of calls that it makes unseen. */
  readonly reaches: readonly string[];
}

const BYPASSES: readonly Bypass[] = [
  {
    setup: "io_uring_setup",
    uses: ["io_uring_enter", "io_uring_register"],
    descriptor: "anon_inode:[io_uring]",
    errno: EPERM,
    what: "a ring",
    // besides the classes: what a ring does with descriptors
    reaches:
      words(`@file @network openat openat2 close read write readv writev pread64 pwrite64 preadv pwritev preadv2 pwritev2
        fsync fdatasync sync_file_range fallocate fadvise64 madvise splice tee epoll_ctl poll ftruncate pipe pipe2 statx
        unlinkat renameat renameat2 mkdirat symlinkat linkat accept4 fgetxattr fsetxattr waitid futex`),
  },
  {
    // IOCB_CMD_* of include/uapi/linux/aio_abi.h
    setup: "io_setup",
    // belongs to the memory of a process: nobody inherits one
    uses: [],
    // what programs expect of a kernel without it
    errno: ENOSYS,
    what: "asynchronous I/O",
    reaches: words(
      "read write readv writev pread64 pwrite64 preadv pwritev preadv2 pwritev2 fsync fdatasync poll ppoll",
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
  const acting = rules.filter(acts);
  if (acting.length === 0) return [];
  return BYPASSES.flatMap((bypass) => {
    const { setup } = bypass;
    const reaches = new Set(
      bypass.reaches.flatMap((name) => vocabulary.classMembers(name) ?? [name]),
    );
    // the rules decide on it themselves
    const isNamed = rules.some(
      ({ targets, when }) => when === "before" && targets.some(({ name }) => name === setup),
    );
    const blind = acting.find(({ targets }) => targets.some(({ name }) => reaches.has(name)));
    return blind === undefined || isNamed ? [] : [{ bypass, rule: blind.name }];
  });
}

export class BypassRefusal {
  /** Calls that set one up and fail; empty where rules have nothing to lose. */
  readonly names: readonly string[];
  /** Their numbers. */
  readonly numbers: Readonly<Record<Abi, ReadonlySet<number>>>;
  readonly #refusals: Readonly<Record<Abi, ReadonlyMap<number, Refusal>>>;
  readonly #tell: (line: string) => void;
  readonly #told = new Set<Refusal>();

  constructor(rules: readonly CheckedRule[], tell: (line: string) => void) {
    this.#tell = tell;
    const refusals = refusalsFor(rules);
    const numbered = (abi: Abi) =>
      new Map(
        refusals.flatMap((refusal) =>
          [...findNumbers([refusal.bypass.setup, ...refusal.bypass.uses], abi)].map(
            (nr) => [nr, refusal] as const,
          ),
        ),
      );
    this.names = refusals.map(({ bypass }) => bypass.setup);
    this.#refusals = { x86_64: numbered("x86_64"), i386: numbered("i386") };
    const { x86_64, i386 } = this.#refusals;
    this.numbers = { x86_64: new Set(x86_64.keys()), i386: new Set(i386.keys()) };
  }

  /** Of descriptors that the command would be given, those that it must not have; each is reported. */
  withhold(descriptors: readonly number[], linkOf: (fd: number) => string | undefined): number[] {
    const refusals = [...this.#refusals.x86_64.values()];
    return descriptors.filter((fd) => {
      const link = linkOf(fd);
      const refusal = refusals.find(({ bypass }) => bypass.descriptor === link);
      if (link === undefined || refusal === undefined) return false;
      this.#tell(
        `descriptor ${fd} is kept from the command: rules such as '${refusal.rule}' cannot see what ${refusal.bypass.what} does`,
      );
      return true;
    });
  }

  errnoFor({ abi, nr, tid }: PlainCall): number | undefined {
    const refusal = this.#refusals[abi].get(nr);
    if (refusal === undefined) return undefined;
    const { bypass, rule } = refusal;
    if (!this.#told.has(refusal))
      this.#tell(
        `${callName(nr, abi)} of process ${tid} and all others fails with ${errnoName(bypass.errno)}: rules such as '${rule}' cannot see what ${bypass.what} does`,
      );
    this.#told.add(refusal);
    return bypass.errno;
  }
}
