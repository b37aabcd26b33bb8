/**
 * A rule that acts on a file which it names literally (`PATH == "/etc/passwd"`) protects the file, not its name:
 * renaming it away, renaming another over it and linking it are ways around the rule, so they meet the rule too. So do
 * truncating and unlinking it where a rule keeps it from being opened for writing.
 */
import { variable } from "../../variables/index.ts";
import type { CallView } from "../call-view.ts";
import type { BoolExpr, CheckedAction, IntExpr, StringExpr, Target } from "../checked/index.ts";
import { evaluate, type Verdict } from "../evaluate/evaluate.ts";
import { fileParameters } from "../file-parameters.ts";
import type { FileEffect, Presentation, Vocabulary } from "../vocabulary.ts";

/** Kinds of calls by the calls that stand for them: the others are variants of these. */
const RENAMING = ["rename", "link"] as const;
/** What changes a file that is not opened. */
const CHANGING = ["truncate", "unlink"] as const;

/** The targets of a `before` rule, with those by which its files could get away. */
export function protectFiles(
  vocabulary: Vocabulary,
  targets: readonly Target[],
  actions: readonly CheckedAction[],
): readonly Target[] {
  if (!actions.some(({ type }) => type === "FAIL" || type === "KILL" || type === "SUSPEND"))
    return targets;
  const source = targets.find(({ filter }) => filter !== undefined && namesFileLiterally(filter));
  if (source?.filter === undefined) return targets;
  const effectOf = (name: string) => vocabulary.knowledge(name).toFile;
  const effects = new Set(targets.map(({ name }) => effectOf(name)));
  const widened = targets.map((target) =>
    isMoving(effectOf(target.name)) ? overToo(target) : target,
  );
  const [prototype] = source.presentations;
  if (prototype === undefined || readsOnly(source.filter, prototype, vocabulary)) return widened;
  const literal = literalTests(source.filter);
  const condition = withoutParameters(source.filter, prototype);
  // only what the literal path makes match: the rest of the filter may say anything of other files
  const own = condition === undefined || condition === literal ? literal : both(literal, condition);
  const opens = effectOf(prototype.call) === "open";
  for (const name of [...RENAMING, ...(opens ? CHANGING : [])]) {
    if (effects.has(name)) continue;
    const presentations = vocabulary.presentations(name, "variants");
    if (presentations === undefined || presentations.length === 0) continue;
    const { span } = source;
    const target: Target = { name, filter: ofFirstPath(own), presentations, span };
    widened.push(name === "rename" ? overToo(target) : target);
  }
  const truncating = opens ? andTruncating(source.filter, own, prototype, vocabulary) : undefined;
  if (truncating === undefined) return widened;
  return widened.map((one) => (one === source ? { ...source, filter: truncating } : one));
}

/** What puts another file in the place of one: tests of the first path are of the second one as well. */
function isMoving(effect: FileEffect | undefined): boolean {
  return effect === "rename" || effect === "replace";
}

const O_TRUNC = 0o1000n;

/**
 * Opening with O_TRUNC empties a file, also for reading. The filter with such calls, where it is about opening for writing; undefined: it
 * has them, or asks for more than flags.
 */
function andTruncating(
  filter: BoolExpr,
  own: BoolExpr,
  prototype: Presentation,
  vocabulary: Vocabulary,
): BoolExpr | undefined {
  const at = prototype.params.findIndex(({ name }) => name === "flags") + 1;
  if (at === 0) return undefined;
  const { verdict, asksMore } = withFlags(filter, prototype, vocabulary, Number(O_TRUNC));
  if (verdict !== "no match" || asksMore) return undefined;
  const { span } = filter;
  const param = { kind: "param", index: at, unsigned: false, span } as const;
  const bit = { kind: "int", value: O_TRUNC, unsigned: false, span } as const;
  const flags = {
    kind: "arithmetic",
    op: "&",
    left: param,
    right: bit,
    unsigned: false,
    span,
  } as const;
  const truncates = both(own, { kind: "truth", operand: flags, span });
  return { kind: "or", left: filter, right: truncates, span };
}

const both = (left: BoolExpr, right: BoolExpr): BoolExpr => ({
  kind: "and",
  left,
  right,
  span: right.span,
});

/** PATH is compared with a constant path, not negated. */
function isLiteralTest(expr: BoolExpr): boolean {
  if (expr.kind !== "stringTest" && expr.kind !== "stringIn") return false;
  return expr.subject.kind === "pathOf" && (expr.kind === "stringIn" || expr.op === "==");
}

function positives(expr: BoolExpr): BoolExpr[] {
  const todo = [expr];
  const found: BoolExpr[] = [];
  for (let next = todo.pop(); next !== undefined; next = todo.pop()) {
    if (next.kind === "and" || next.kind === "or") todo.push(next.right, next.left);
    else if (isLiteralTest(next)) found.push(next);
  }
  return found;
}

const namesFileLiterally = (filter: BoolExpr): boolean => positives(filter).length > 0;

/** One of the literal paths is meant; balanced, so that long lists stay shallow. */
function literalTests(filter: BoolExpr): BoolExpr {
  const join = (tests: readonly BoolExpr[]): BoolExpr => {
    const [first, ...others] = tests as [BoolExpr, ...BoolExpr[]];
    if (others.length === 0) return first;
    const middle = tests.length >> 1;
    const [left, right] = [join(tests.slice(0, middle)), join(tests.slice(middle))];
    return { kind: "or", left, right, span: filter.span };
  };
  return join(positives(filter));
}

/**
 * The filter for other calls: what it says of parameters of its own call holds there, whatever they are, so that nothing
 * which it meets is left out. Undefined: it holds for every call.
 */
function withoutParameters(filter: BoolExpr, prototype: Presentation): BoolExpr | undefined {
  if (filter.kind === "and" || filter.kind === "or") {
    const left = withoutParameters(filter.left, prototype);
    const right = withoutParameters(filter.right, prototype);
    if (left === filter.left && right === filter.right) return filter;
    if (left !== undefined && right !== undefined) return { ...filter, left, right };
    return filter.kind === "and" ? (left ?? right) : undefined;
  }
  return looksAtFileOnly(filter, prototype) ? filter : undefined;
}

/** Flags of opening that let somebody write, or change the file: O_WRONLY, O_RDWR, with O_CREAT, O_TRUNC, O_APPEND. */
const WRITING = [0o1, 0o2, 0o101, 0o102, 0o1001, 0o1002, 0o1101, 0o1102, 0o2001, 0o2002];

/** The filter is about opening for reading: what the file is replaced by is not its concern. */
function readsOnly(filter: BoolExpr, prototype: Presentation, vocabulary: Vocabulary): boolean {
  const flags = prototype.params.find(({ name }) => name === "flags")?.source;
  if (vocabulary.knowledge(prototype.call).toFile !== "open" || flags?.kind !== "arg") return false;
  return WRITING.every((value) => {
    const { verdict, asksMore } = withFlags(filter, prototype, vocabulary, value);
    return verdict === "no match" && !asksMore;
  });
}

/** What a filter comes to for a call with these flags of which nothing else is known, and whether it asks for other numbers. */
function withFlags(
  filter: BoolExpr,
  prototype: Presentation,
  vocabulary: Vocabulary,
  value: number,
): { readonly verdict: Verdict; readonly asksMore: boolean } {
  const flags = prototype.params.find(({ name }) => name === "flags")?.source;
  const unknown = (): undefined => undefined;
  let asksMore = false;
  const view: CallView = {
    presentation: prototype,
    wordSize: vocabulary.wordSize(prototype.abi),
    arg: (index) => {
      if (flags?.kind === "arg" && index === flags.index) return BigInt(value);
      asksMore ||= prototype.params.some(
        ({ type, source }) => type.kind === "int" && "index" in source && source.index === index,
      );
      // texts are somewhere, and unreadable
      return 1n;
    },
    readMemory: unknown,
    readString: unknown,
    intVariable: unknown,
    stringVariable: unknown,
    path: unknown,
    argv: unknown,
    envp: unknown,
    descendsFrom: unknown,
  };
  return { verdict: evaluate(filter, view, vocabulary), asksMore };
}

/** Every condition is about the caller or the first file of the call, so that it means the same for other calls. */
function looksAtFileOnly(filter: BoolExpr, prototype: Presentation): boolean {
  const first = firstPath(prototype);
  let fits = true;
  rewrite(
    filter,
    (subject) => {
      if (subject.kind === "pathOf") fits &&= subject.index === 0 || subject.index === first;
      else fits &&= subject.kind === "stringVariable";
      return [subject];
    },
    () => {
      fits = false;
    },
  );
  return fits;
}

/** 1-based; 0 if no parameter names a file. */
function firstPath(presentation: Presentation): number {
  return fileParameters(presentation)[0] ?? 0;
}

/** The same condition on the first path of any call. */
function ofFirstPath(filter: BoolExpr): BoolExpr {
  return rewrite(filter, (subject) => [
    subject.kind === "pathOf" ? { ...subject, index: 0 } : subject,
  ]);
}

/** Renaming over a file removes it: tests of the old name are of the new one as well, unless the rule names that. */
function overToo(target: Target): Target {
  const { filter, presentations } = target;
  const [prototype] = presentations;
  if (filter === undefined || prototype === undefined) return target;
  const paths = prototype.params.flatMap(({ type }, i) => (type.kind === "path" ? [i + 1] : []));
  const [first, second] = paths;
  if (first === undefined || second === undefined) return target;
  let namesSecond = false;
  const widened = rewrite(filter, (subject, isLiteral) => {
    if (subject.kind !== "pathOf") return [subject];
    if (subject.index === second) namesSecond = true;
    return isLiteral ? [subject, { ...subject, index: second }] : [subject];
  });
  return namesSecond ? target : { ...target, filter: widened };
}

/**
 * Maps the subjects of string tests; several results are joined by "or". `isLiteral` distinguishes positive comparisons
 * with a constant path from all others. Calls `other` for what looks at parameters in another way.
 */
function rewrite(
  expr: BoolExpr,
  map: (subject: StringExpr, isLiteral: boolean) => readonly StringExpr[],
  other: () => void = () => {},
  isPositive = true,
): BoolExpr {
  switch (expr.kind) {
    case "and":
    case "or": {
      const left = rewrite(expr.left, map, other, isPositive);
      const right = rewrite(expr.right, map, other, isPositive);
      return left === expr.left && right === expr.right ? expr : { ...expr, left, right };
    }
    case "not": {
      const operand = rewrite(expr.operand, map, other, false);
      return operand === expr.operand ? expr : { ...expr, operand };
    }
    case "stringTest":
    case "stringIn": {
      const [first, ...others] = map(expr.subject, isPositive && isLiteralTest(expr));
      if (first === undefined) return expr;
      let result: BoolExpr = first === expr.subject ? expr : { ...expr, subject: first };
      for (const subject of others)
        result = { kind: "or", left: result, right: { ...expr, subject }, span: expr.span };
      return result;
    }
    case "constant":
    case "descendsFrom":
      return expr;
    case "truth":
    case "inRanges":
      if (!isOfCaller(expr.operand)) other();
      return expr;
    case "compare":
      if (!isOfCaller(expr.left) || !isOfCaller(expr.right)) other();
      return expr;
    default:
      other();
      return expr;
  }
}

function isOfCaller(expr: IntExpr): boolean {
  switch (expr.kind) {
    case "int":
      return true;
    case "variable":
      return variable(expr.name).of === "caller";
    case "negate":
    case "complement":
      return isOfCaller(expr.operand);
    case "arithmetic":
      return isOfCaller(expr.left) && isOfCaller(expr.right);
    default:
      return false;
  }
}
