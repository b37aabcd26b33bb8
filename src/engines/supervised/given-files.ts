/**
 * Files that the command is given open. No rule on `open` has a say in them: somebody else has opened them, and may know
 * what for. Where a rule would have denied just that, the user is warned.
 */

import { fstatSync } from "node:fs";
import { AT_FDCWD, F_GETFL } from "../../base/linux-abi.ts";
import {
  type CallView,
  type CheckedRule,
  evaluateRules,
  type Presentation,
  type RealCall,
} from "../../language/index.ts";
import { nativeAbi, vocabulary } from "../../linux/index.ts";
import { syscall, X64 } from "../../sys/index.ts";
import { doesMoreThanLog } from "./rule-index.ts";
import type { ProcFiles } from "./task/proc-files.ts";

const CURRENT = BigInt(AT_FDCWD);
/** Where the path lies of a call that nobody makes. */
const PATH_AT = 1n;
/** Nodes of conditions that look at the name of a file. */
const FILES: ReadonlySet<unknown> = new Set(["pathOf", "stringParam"]);

/** One line for each file that a rule forbids to open. */
export function describeGivenFiles(
  descriptors: readonly number[],
  rules: readonly CheckedRule[],
  files: ProcFiles,
): string[] {
  const deciding = rules.filter(
    (rule) =>
      rule.when === "before" &&
      doesMoreThanLog(rule) &&
      rule.targets.some(({ filter }) => looksAtFiles(filter)),
  );
  return descriptors.flatMap((fd) => {
    const path = files.readLink(`/proc/self/fd/${fd}`);
    if (deciding.length === 0 || path === undefined || !isFile(fd)) return [];
    const opening = new Opening(path, BigInt(syscall(X64.fcntl, fd, F_GETFL)));
    const denial = deciding.find((rule) => evaluateRules([rule], opening, vocabulary).length > 0);
    if (denial === undefined) return [];
    return [
      `the command is given '${Buffer.from(path)}' open, as descriptor ${fd}: rule '${denial.name}' has no say in what is done with that`,
    ];
  });
}

/** Terminals, pipes and devices like /dev/null are not what such a rule is for. */
function isFile(fd: number): boolean {
  const stat = fstatSync(fd);
  return stat.isFile() || stat.isDirectory() || stat.isBlockDevice();
}

function looksAtFiles(node: unknown): boolean {
  if (typeof node !== "object" || node === null || node instanceof Uint8Array) return false;
  if ("kind" in node && FILES.has(node.kind)) return true;
  // leads to the text of the whole file
  return Object.entries(node).some(([key, value]) => key !== "span" && looksAtFiles(value));
}

/** As if it were opened now; the opener is not known. */
class Opening implements RealCall {
  readonly name = "openat";
  readonly abi = nativeAbi;
  readonly when = "before";
  readonly #path: Uint8Array;
  readonly #flags: bigint;

  constructor(path: Uint8Array, flags: bigint) {
    this.#path = path;
    this.#flags = flags;
  }

  view(presentation: Presentation): CallView {
    const args = [BigInt.asUintN(64, CURRENT), PATH_AT, this.#flags];
    const path = { bytes: this.#path, truncated: false };
    return {
      presentation,
      wordSize: vocabulary.wordSize(presentation.abi),
      arg: (index) => args[index] ?? 0n,
      readMemory: () => undefined,
      readString: () => path,
      intVariable: () => undefined,
      stringVariable: () => undefined,
      path: () => path,
      argv: () => undefined,
      envp: () => undefined,
      descendsFrom: () => undefined,
    };
  }
}
