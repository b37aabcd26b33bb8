/**
 * io_uring and kernel AIO (io_submit) make calls that seccomp never sees. A rule set that doesMoreThanLog on what they can do would
 * have a hole, so setting one up fails as where the system has none: programs then do without. A notice says so
 * when a program tries: most never do.
 */
import type { Abi, CheckedRule } from "../../language/index.ts";
import {
  byAbi,
  callName,
  type Escape,
  nativeAbi,
  ringOperation,
  rowOf,
  vocabulary,
} from "../../linux/index.ts";
import { ENOSYS, EPERM, errnoName } from "../../sys/index.ts";
import { callsEscaping, findNumbers } from "./call-numbers.ts";
import type { PlainCall } from "./own-processes.ts";
import { doesMoreThanLog } from "./rule-index.ts";

interface Bypass {
  /** The call without which there is none. */
  readonly setup: Escape;
  /** Calls on one that somebody else has set up. */
  readonly uses: readonly Escape[];
  /** What /proc calls a descriptor of one. */
  readonly descriptor?: string;
  readonly errno: number;
  readonly what: string;
  /** Whether it makes the call unseen. */
  reaches(call: string): boolean;
}

const BYPASSES: readonly Bypass[] = [
  {
    setup: "sets-up-ring",
    uses: ["uses-ring"],
    descriptor: "anon_inode:[io_uring]",
    errno: EPERM,
    what: "a ring",
    // of these classes whatever operations are to come, too
    reaches: (call) =>
      ringOperation(call) !== undefined || isOf("@file", call) || isOf("@network", call),
  },
  {
    // IOCB_CMD_* of include/uapi/linux/aio_abi.h
    setup: "sets-up-aio",
    // belongs to the memory of a process: nobody inherits one
    uses: [],
    // what programs expect of a kernel without it
    errno: ENOSYS,
    what: "asynchronous I/O",
    reaches: (call) => rowOf(call).aio === true,
  },
];

function isOf(className: string, call: string): boolean {
  return vocabulary.classMembers(className)?.includes(call) ?? false;
}

interface Refusal {
  readonly bypass: Bypass;
  /** Name of a rule that it could get around. */
  readonly rule: string;
}

function refusalsFor(rules: readonly CheckedRule[]): readonly Refusal[] {
  const acting = rules.filter(doesMoreThanLog);
  if (acting.length === 0) return [];
  return BYPASSES.flatMap((bypass) => {
    const setup = callsEscaping(bypass.setup);
    // the rules decide on it themselves
    const isNamed = rules.some(
      ({ targets, when }) => when === "before" && targets.some(({ name }) => setup.includes(name)),
    );
    const blind = acting.find(({ targets }) => targets.some(({ name }) => bypass.reaches(name)));
    return blind === undefined || isNamed ? [] : [{ bypass, rule: blind.name }];
  });
}

export class BypassRefusal {
  /** Calls that set one up and fail; empty where rules have nothing to lose. */
  readonly names: readonly string[];
  /** Their numbers. */
  readonly numbers: Readonly<Record<Abi, ReadonlySet<number>>>;
  readonly #refusals: Readonly<Record<Abi, ReadonlyMap<number, Refusal>>>;
  readonly #report: (line: string) => void;
  readonly #reported = new Set<Refusal>();

  constructor(rules: readonly CheckedRule[], report: (line: string) => void) {
    this.#report = report;
    const refusals = refusalsFor(rules);
    const numbered = (abi: Abi) =>
      new Map(
        refusals.flatMap((refusal) =>
          [...findNumbers(callsEscaping(refusal.bypass.setup, ...refusal.bypass.uses), abi)].map(
            (nr) => [nr, refusal] as const,
          ),
        ),
      );
    this.names = refusals.flatMap(({ bypass }) => callsEscaping(bypass.setup));
    this.#refusals = byAbi(numbered);
    this.numbers = byAbi((abi) => new Set(this.#refusals[abi].keys()));
  }

  /** Of descriptors that the command would be given, those that it must not have; each is reported. */
  withhold(descriptors: readonly number[], linkOf: (fd: number) => string | undefined): number[] {
    const refusals = [...this.#refusals[nativeAbi].values()];
    return descriptors.filter((fd) => {
      const link = linkOf(fd);
      const refusal = refusals.find(({ bypass }) => bypass.descriptor === link);
      if (link === undefined || refusal === undefined) return false;
      this.#report(
        `descriptor ${fd} is kept from the command: rules such as '${refusal.rule}' cannot see what ${refusal.bypass.what} does`,
      );
      return true;
    });
  }

  errnoFor({ abi, nr, tid }: PlainCall): number | undefined {
    const refusal = this.#refusals[abi].get(nr);
    if (refusal === undefined) return undefined;
    const { bypass, rule } = refusal;
    if (!this.#reported.has(refusal))
      this.#report(
        `${callName(nr, abi)} of process ${tid} and all others fails with ${errnoName(bypass.errno)}: rules such as '${rule}' cannot see what ${bypass.what} does`,
      );
    this.#reported.add(refusal);
    return bypass.errno;
  }
}
