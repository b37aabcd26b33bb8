/**
 * Where what a rule decides on lies: the one list of what others can change between the decision and the call. A kind of
 * expression or a variable that is missing here does not compile.
 */
import type { CheckedRule, IntVariable, StringVariable, Target } from "./checked.ts";
import type { Presentation, ValueSource } from "./vocabulary.ts";
import { type Node, walkChecked } from "./walk-checked.ts";

export interface Inputs {
  /** Memory of the caller: another thread, or a process that shares the page, can change it. */
  readonly memory: boolean;
  /** Files that names lead to: somebody can exchange a directory or a link on the way. */
  readonly files: boolean;
}

type Place =
  /** In the rule itself, or made of the operands. */
  | "none"
  | "memory"
  | "files"
  /** A number, in a register or where its variant has it. */
  | "parameter"
  | "variable";

const PLACE: Readonly<Record<Node["kind"], Place>> = {
  constant: "none",
  not: "none",
  and: "none",
  or: "none",
  truth: "none",
  compare: "none",
  inRanges: "none",
  stringTest: "none",
  stringIn: "none",
  stringCompare: "none",
  inNetwork: "memory",
  descendsFrom: "none",
  int: "none",
  variable: "variable",
  param: "parameter",
  field: "memory",
  negate: "none",
  complement: "none",
  arithmetic: "none",
  boolean: "none",
  stringParam: "memory",
  bufferParam: "memory",
  stringField: "memory",
  stringVariable: "variable",
  pathOf: "files",
  argv: "memory",
  envp: "memory",
};

/** What the kernel itself knows of the caller, or what the caller has in memory. */
const VARIABLE_PLACE: Readonly<Record<IntVariable | StringVariable, "kernel" | "memory">> = {
  PID: "kernel",
  TID: "kernel",
  PPID: "kernel",
  UID: "kernel",
  EUID: "kernel",
  SUID: "kernel",
  FSUID: "kernel",
  GID: "kernel",
  EGID: "kernel",
  SGID: "kernel",
  FSGID: "kernel",
  LOGINUID: "kernel",
  SESSIONID: "kernel",
  CAPS: "kernel",
  CGROUP: "kernel",
  PIDNS: "kernel",
  MNTNS: "kernel",
  NSPID: "kernel",
  RETVAL: "kernel",
  SYSCALL: "kernel",
  COMM: "kernel",
  PCOMM: "kernel",
  EXE: "kernel",
  CWD: "kernel",
  SNAME: "kernel",
  ABI: "kernel",
  CONTAINER: "kernel",
};

/** For all calls that the rule sees. */
export function inputsOf({ targets }: Pick<CheckedRule, "targets">): Inputs {
  const found = { memory: false, files: false };
  for (const target of targets)
    for (const presentation of target.presentations) {
      // which variant a call is can lie in memory, as the flags of openat2 do
      if (presentation.guards.some(({ source }) => source.kind === "memory")) found.memory = true;
      addInputs(target, presentation, found);
    }
  return found;
}

function addInputs(
  { filter }: Target,
  { params }: Presentation,
  found: { memory: boolean; files: boolean },
): void {
  if (filter === undefined) return;
  walkChecked(filter, (node) => {
    switch (PLACE[node.kind]) {
      case "none":
        return;
      case "memory":
        found.memory = true;
        return;
      case "files":
        found.files = true;
        return;
      case "parameter":
        if (node.kind === "param") addSource(params[node.index - 1]?.source, found);
        return;
      case "variable":
        if (node.kind !== "variable" && node.kind !== "stringVariable") return;
        if (VARIABLE_PLACE[node.name] === "memory") found.memory = true;
        return;
    }
  });
}

/** What a descriptor stands for another thread can change. */
function addSource(
  source: ValueSource | undefined,
  found: { memory: boolean; files: boolean },
): void {
  if (source?.kind === "memory") found.memory = true;
  if (source?.kind === "process") found.files = true;
}
