/** Parameters of a rule's name that a variant has somewhere else, or not at all; and how rules on them treat that. */
import {
  type CheckedRule,
  fileParameters,
  type Presentation,
  type ValueSource,
  visit,
} from "../../language/index.ts";

export interface Elsewhere {
  /** `PARAMS[1] of pidfd_send_signal` */
  readonly what: string;
  readonly how: string;
}

/** Only of parameters that the filter looks at; what is in a register of its own is not worth a word. */
export function foundElsewhere(rule: CheckedRule): readonly Elsewhere[] {
  const found = new Map<string, Elsewhere>();
  for (const { filter, presentations } of rule.targets) {
    if (filter === undefined) continue;
    for (const presentation of presentations)
      for (const name of namesIn(filter, presentation)) {
        const how = howFound(name, presentation, rule);
        if (how === undefined) continue;
        const what = `${name.text} of ${presentation.call}`;
        found.set(`${what}: ${how}`, { what, how });
      }
  }
  return [...found.values()];
}

interface Name {
  /** As the rule has it. */
  readonly text: string;
  readonly index: number;
  readonly isFile: boolean;
}

function namesIn(
  filter: NonNullable<CheckedRule["targets"][number]["filter"]>,
  presentation: Presentation,
): readonly Name[] {
  const found = new Map<string, Name>();
  visit(filter, (node) => {
    if (!("index" in node) || typeof node.index !== "number") return;
    const isFile = node.kind === "pathOf";
    if (!isFile && node.kind === "argv") return;
    const [first = 0] = fileParameters(presentation);
    const text = isFile
      ? node.index === 0
        ? "PATH"
        : `PATH[${node.index}]`
      : `PARAMS[${node.index}]`;
    found.set(text, { text, index: node.index === 0 ? first : node.index, isFile });
  });
  return [...found.values()];
}

function howFound(
  { index, isFile }: Name,
  { params, call }: Presentation,
  { onUnreadable }: CheckedRule,
): string | undefined {
  const source: ValueSource = params[index - 1]?.source ?? { kind: "absent" };
  const decides = `on_unreadable = ${onUnreadable} decides`;
  switch (source.kind) {
    case "arg":
      return undefined;
    case "memory":
      if (source.vector !== undefined)
        return source.vector.holds === "text"
          ? "all pieces of the vector as one text"
          : "the length of all pieces of the vector";
      if (source.isTimespec === true)
        return "the time in the struct that it points to, in milliseconds";
      return "read from memory of the caller when the call begins";
    case "process":
      return `the process that the pidfd stands for; if it has none any more, ${decides}`;
    case "constant":
      return `always ${source.value}`;
    case "absent":
      return "there is none: comparisons with it are false";
    case "unknown":
      if (isFile && call === "open_by_handle_at")
        return `the opened file; under sct run where sct may open handles, else ${decides}`;
      return `not known: ${decides}`;
  }
}
