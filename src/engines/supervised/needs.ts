/** What has to be read of a thread beyond its name, because a rule, a limit or a log line looks at it. */
import type { CheckedRule } from "../../language/index.ts";

export interface Needs {
  /** Ids that change without a call that we see: the parent's, when it dies, and capabilities. */
  readonly fleeting: boolean;
  readonly pcomm: boolean;
  readonly loginuid: boolean;
  readonly sessionid: boolean;
  readonly exe: boolean;
  readonly cwd: boolean;
  readonly mntns: boolean;
  /** Arguments of the process. */
  readonly cmdline: boolean;
  /** Directories of descriptors that names begin at. */
  readonly dir: boolean;
  /** The files that paths and descriptors name. */
  readonly path: boolean;
}

/** `showsAll`: events are printed with all that they have, as JSON. */
export function needsOf(rules: readonly CheckedRule[], showsAll: boolean): Needs {
  const names = new Set<string>(showsAll ? ["PPID", "EXE", "CWD", "PATH", "CMDLINE", "DIR"] : []);
  for (const rule of rules) {
    if (rule.limit?.per !== undefined) names.add(rule.limit.per);
    for (const action of rule.actions) {
      if (action.type !== "LOG") continue;
      // the line that is printed without one says where a name begins
      if (action.format === undefined) names.add("DIR");
      for (const piece of action.format ?? [])
        if (piece.kind === "macro") names.add(piece.name.toUpperCase());
    }
    for (const { filter } of rule.targets) addNames(filter, names);
  }
  return {
    fleeting: names.has("PPID") || names.has("PCOMM") || names.has("CAPS"),
    pcomm: names.has("PCOMM"),
    loginuid: names.has("LOGINUID"),
    sessionid: names.has("SESSIONID"),
    exe: names.has("EXE"),
    cwd: names.has("CWD"),
    mntns: names.has("MNTNS"),
    cmdline: names.has("CMDLINE"),
    dir: names.has("DIR"),
    path: names.has("PATH"),
  };
}

/** Names of all variables in an expression. */
function addNames(node: unknown, names: Set<string>): void {
  if (typeof node !== "object" || node === null || node instanceof Uint8Array) return;
  for (const [key, value] of Object.entries(node)) {
    // leads to the text of the whole file
    if (key === "span") continue;
    if (key === "kind" && value === "descendsFrom") names.add("PPID");
    if (key === "kind" && value === "pathOf") names.add("PATH");
    if (key === "name" && typeof value === "string") names.add(value);
    else addNames(value, names);
  }
}
