/**
 * Tests of one text that are joined by ||, as a list of patterns is, or by && where each says no: together they take one run of an
 * automaton instead of one each.
 */
import type { Span } from "../../base/span.ts";
import type { BoolExpr, StringOp } from "../../language/checked/index.ts";
import type { UnionOp } from "../layout/patterns.ts";
import { isName } from "../plan/string-cost.ts";

export type UnionTest = Extract<BoolExpr, { kind: "stringTest" }> & { readonly op: UnionOp };

/** Any of at least two tests of the same text; of negative ones, all. */
export interface AnyTest {
  readonly kind: "anyTest";
  readonly isNegative: boolean;
  readonly tests: readonly [UnionTest, ...UnionTest[]];
  readonly span: Span;
}

export type NetworkTest = Extract<BoolExpr, { kind: "inNetwork" | "fdInNetwork" }>;

/** One address against any of at least two networks. */
export interface AnyNetwork {
  readonly kind: "anyNetwork";
  readonly tests: readonly [NetworkTest, ...NetworkTest[]];
  readonly span: Span;
}

export type ChainItem = BoolExpr | AnyTest | AnyNetwork;

/** Networks that one address is compared with stand together where the first of them stood: it is read once. */
export function mergeNetworks(operands: readonly (BoolExpr | AnyTest)[]): readonly ChainItem[] {
  const groups = new Map<string, NetworkTest[]>();
  const keyOf = (test: NetworkTest): string =>
    `${test.index} ${test.kind === "inNetwork" ? test.field : ""}`;
  for (const operand of operands) {
    if (!isNetworkTest(operand)) continue;
    const group = groups.get(keyOf(operand));
    if (group) group.push(operand);
    else groups.set(keyOf(operand), [operand]);
  }
  return operands.flatMap((operand): readonly ChainItem[] => {
    if (!isNetworkTest(operand)) return [operand];
    const [first, ...others] = groups.get(keyOf(operand)) ?? [];
    if (first !== operand) return [];
    if (others.length === 0) return [operand];
    return [{ kind: "anyNetwork", tests: [operand, ...others], span: operand.span }];
  });
}

function isNetworkTest(operand: ChainItem): operand is NetworkTest {
  return operand.kind === "inNetwork" || operand.kind === "fdInNetwork";
}

/** Beginnings and ends are compared 8 bytes at a time; more than this are worth an automaton. */
const MAX_COMPARED = 64;

const POSITIVE: ReadonlySet<StringOp> = new Set<UnionOp>([
  "startswith",
  "endswith",
  "contains",
  "icontains",
  "matches",
  "=~",
]);
const NEGATIVE: ReadonlySet<StringOp> = new Set<UnionOp>(["!~"]);

/** The operands of a chain of || or &&; those that can be joined stand where the first of them stood. */
export function mergeTests(
  operands: readonly BoolExpr[],
  joinedBy: "or" | "and",
): readonly (BoolExpr | AnyTest)[] {
  const isNegative = joinedBy === "and";
  const ops = isNegative ? NEGATIVE : POSITIVE;
  const isUnionTest = (expr: BoolExpr): expr is UnionTest =>
    expr.kind === "stringTest" && ops.has(expr.op);
  const groups = new Map<string, UnionTest[]>();
  for (const operand of operands) {
    const key = isUnionTest(operand) ? groupOf(operand) : undefined;
    if (key === undefined || !isUnionTest(operand)) continue;
    const group = groups.get(key);
    if (group) group.push(operand);
    else groups.set(key, [operand]);
  }
  return operands.flatMap((operand): readonly (BoolExpr | AnyTest)[] => {
    if (!isUnionTest(operand)) return [operand];
    const group = groups.get(groupOf(operand) ?? "") ?? [];
    const least = isCompared(operand) ? MAX_COMPARED : 1;
    if (group.length <= least) return [operand];
    if (group[0] !== operand) return [];
    const tests: AnyTest["tests"] = [operand, ...group.slice(1)];
    return [{ kind: "anyTest", isNegative, tests, span: operand.span }];
  });
}

/** Tests without an automaton of their own. COMM is a field of the record, whose end is not known without a search. */
function isCompared({ op, subject }: UnionTest): boolean {
  return op === "startswith" || (op === "endswith" && !isName(subject));
}

/** Of bytes that are longer than what is read, these tests alone say something. */
function isPart({ op, subject }: UnionTest): boolean {
  const isBytes = ["bufferParam", "argv", "envp"].includes(subject.kind);
  return isBytes && (op === "contains" || op === "icontains");
}

/** What a test can share an automaton with; undefined: nothing. */
function groupOf(test: UnionTest): string | undefined {
  const { op, subject } = test;
  // 16 bytes are compared at once, without memory for an automaton
  if (op === "startswith" && isName(subject)) return undefined;
  const { span: _, ...place } = subject;
  const kind = isCompared(test) ? op : isPart(test) ? "part" : "automaton";
  return `${kind} ${JSON.stringify(place)}`;
}
