/** What has to be read of a thread beyond its name, because a rule, a limit or a log line looks at it. */
import { type CheckedRule, factsOf, lookedAt, type Target } from "../../language/index.ts";
import { findVariable, isVariable, type VariableName } from "../../variables/index.ts";

export interface Needs {
  /** Ids that change without a call that we see: the parent's, when it dies, and capabilities. */
  readonly fleeting: boolean;
  /** Variables that somebody asks for. */
  readonly variables: ReadonlySet<VariableName>;
  /** Arguments of the process. */
  readonly cmdline: boolean;
  /** Directories of descriptors that names begin at. */
  readonly dir: boolean;
  /** The files that paths and descriptors name. */
  readonly path: boolean;
  /** Names that depend on roots and mounts: of files, or of what descriptors stand for. */
  readonly mounts: boolean;
  /** What one call sends as several messages: the files or members of each. */
  readonly messages: boolean;
}

/** `showsAll`: events are printed with all that they have, as JSON. */
export function needsOf(rules: readonly CheckedRule[], showsAll: boolean): Needs {
  const names = new Set<string>(showsAll ? ["PPID", "EXE", "CWD", "PATH", "CMDLINE", "DIR"] : []);
  for (const rule of rules) {
    const { limit, frequency } = rule;
    for (const counted of [limit, frequency?.threshold, frequency?.occurrence])
      if (counted?.per !== undefined) names.add(counted.per);
    for (const action of rule.actions) {
      if (action.type !== "LOG") continue;
      // the line that is printed without one says where a name begins
      if (action.format === undefined) names.add("DIR");
      for (const piece of action.format ?? [])
        if (piece.kind === "macro") names.add(piece.name.toUpperCase());
    }
    for (const target of rule.targets) {
      const { kinds, paths, variables, descriptors } = factsOf(lookedAt(target));
      if (descriptors.length > 0) names.add("FD");
      for (const name of variables) names.add(name);
      if (paths.size > 0) names.add("PATH");
      if (kinds.has("descendsFrom")) names.add("PPID");
    }
  }
  return {
    fleeting: [...names].some((name) => findVariable(name)?.isFleeting === true),
    variables: new Set([...names].filter(isVariable)),
    cmdline: names.has("CMDLINE"),
    dir: names.has("DIR"),
    path: names.has("PATH"),
    mounts: names.has("PATH") || names.has("FD"),
    messages: rules.some(({ targets }) =>
      targets.some((target) => looksAtMessages(target, names.has("PATH"))),
    ),
  };
}

function looksAtMessages(target: Target, needsPath: boolean): boolean {
  const indexes = target.presentations.flatMap(({ params }) =>
    params.flatMap(({ address }, i) => (address?.in === "mmsghdr" ? [i + 1] : [])),
  );
  if (indexes.length === 0 || needsPath) return indexes.length > 0;
  return factsOf(lookedAt(target)).members.some(({ index }) => indexes.includes(index));
}
