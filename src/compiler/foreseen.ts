/**
 * What loading rules would run into on every machine, as far as it can be seen from the rules alone, without making code: a check of
 * thousands of rules must not take longer than reading them.
 */
import type { Diagnostic } from "../base/diagnostic.ts";
import type { CheckedRule, Node } from "../language/checked/index.ts";
import { visit } from "../language/index.ts";
import { DfaTooLargeError } from "./dfa/dfa.ts";
import { buildFor } from "./layout/patterns.ts";
import { refuseCounts } from "./layout/too-many-counts.ts";
import { tooLargePatterns } from "./unbuildable.ts";

/** Patterns for which automata are made; of more, only loading says. */
const MOST_PATTERNS = 100;
/** With fewer wildcards an automaton is as long as its pattern, or not much longer. */
const FEW_WILDCARDS = 10;
/** BPF_COMPLEXITY_LIMIT_JMP_SEQ of kernel/bpf/verifier.c is 8192; one comparison may be known from another, more than half are not. */
const MOST_COMPARISONS = 2 * 8192;

const WILDCARDS = /[.?[]/g;
const COUNTED = /\{\d/;

/** Of rules together, and of each. */
export function foreseenLimits(rules: readonly CheckedRule[]): Diagnostic[] {
  const found = refuseCounts(rules);
  const tried = new Set<string>();
  for (const rule of rules) {
    if (comparisonsOf(rule) > MOST_COMPARISONS) found.push(tooManyComparisons(rule));
    if (hasLargePattern(rule, tried)) found.push(...tooLargePatterns(rule));
  }
  return found;
}

/** Of the target with most. Neighbours that compare one thing with constants are one test. */
function comparisonsOf({ targets, span }: CheckedRule): number {
  // each takes some characters
  if (span.end - span.start < MOST_COMPARISONS) return 0;
  let most = 0;
  for (const { filter } of targets) {
    if (filter === undefined) continue;
    let count = 0;
    let last = "";
    visit(filter, (node) => {
      const subject = comparedBy(node);
      if (subject === undefined || subject === last) return;
      last = subject;
      count++;
    });
    most = Math.max(most, count);
  }
  return most;
}

/** What is compared with a constant for equality, else the comparison itself; undefined: no comparison. */
function comparedBy(node: Node): string | undefined {
  if (node.kind === "compare")
    return node.op === "==" && node.right.kind === "int" ? keyOf(node.left) : `${node.span.start}`;
  if (node.kind === "stringTest")
    return node.op === "==" ? keyOf(node.subject) : `${node.span.start}`;
  return undefined;
}

function keyOf(node: Node): string {
  return JSON.stringify(node, (name, value) =>
    name === "span" ? undefined : typeof value === "bigint" ? `${value}` : value,
  );
}

function tooManyComparisons({ span }: CheckedRule): Diagnostic {
  const message = `The rule compares more than ${MOST_COMPARISONS} things, which are more branches than the kernel's verifier follows`;
  const hint =
    "one test with a list (`in LIST`, `startswith LIST`) is one comparison; `sct run` can, for one command";
  return { code: "too_complex_for_kernel", severity: "error", message, span, hint };
}

/** `tried`: those that were looked at, in any rule. */
function hasLargePattern({ targets }: CheckedRule, tried: Set<string>): boolean {
  let isLarge = false;
  for (const { filter } of targets) {
    if (filter === undefined) continue;
    visit(filter, (node) => {
      if (isLarge || node.kind !== "stringTest" || !["=~", "!~", "matches"].includes(node.op))
        return;
      const text = Buffer.from(node.pattern).toString("latin1");
      if (!COUNTED.test(text) && (text.match(WILDCARDS)?.length ?? 0) < FEW_WILDCARDS) return;
      const key = `${node.op}${text}`;
      if (tried.has(key) || tried.size >= MOST_PATTERNS) return;
      tried.add(key);
      isLarge = !canBeBuilt(node);
    });
  }
  return isLarge;
}

function canBeBuilt({ op, pattern }: Extract<Node, { kind: "stringTest" }>): boolean {
  try {
    buildFor(op, pattern);
    return true;
  } catch (error) {
    if (error instanceof DfaTooLargeError) return false;
    throw error;
  }
}
