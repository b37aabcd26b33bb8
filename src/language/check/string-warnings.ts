/** Comparisons of strings that are legal and say something else than was meant. */
import type { Span } from "../../base/span.ts";
import type { StringExpr, StringOp } from "../checked.ts";
import { latin1 } from "../latin1.ts";
import type { ExpressionChecker } from "./expression.ts";

/** TASK_COMM_LEN without the NUL. */
const MAX_COMM = 15;

/** Comparisons that the nature of the subject makes false, and patterns where bytes are compared. */
export function warnString(
  checker: ExpressionChecker,
  op: StringOp | "in",
  subject: StringExpr,
  pattern: Uint8Array,
  span: Span,
): void {
  const isEqual = op === "==" || op === "in";
  if (subject.kind === "stringVariable" && (subject.name === "COMM" || subject.name === "PCOMM")) {
    if ((isEqual || op === "startswith") && pattern.length > MAX_COMM) {
      checker.error("comparison_never", span, [
        `the kernel cuts ${subject.name} to ${MAX_COMM} bytes`,
      ]);
    }
  }
  const isFile =
    subject.kind === "pathOf" ||
    (subject.kind === "stringVariable" && (subject.name === "EXE" || subject.name === "CWD"));
  // Descriptors of no file print as `pipe:[1]`, `anon_inode:…`, deleted ones end in " (deleted)".
  if (
    isFile &&
    (isEqual || op === "startswith") &&
    pattern.length > 0 &&
    pattern[0] !== 47 &&
    !pattern.includes(58)
  ) {
    checker.error("comparison_never", span, ["a resolved path begins with `/`"]);
  }
  if (!TAKES_PATTERNS.has(op) && (op === "in" || namesSomething(checker, subject))) {
    const text = latin1(pattern);
    const kind = patternKind(text);
    if (kind) checker.error("pattern_as_text", span, [op, text], { hint: PATTERN_HINT[kind] });
  }
}

const TAKES_PATTERNS: ReadonlySet<string> = new Set(["matches", "=~", "!~"]);

const PATTERN_HINT = {
  glob: "`matches` takes a shell pattern, or a list of them: `PATH matches LIST`",
  regex: "`=~` takes a regular expression, or a list of them: `COMM =~ LIST`",
} as const;

/** Names of files and processes hardly ever hold what makes a pattern; other text often does. */
function namesSomething({ scope }: ExpressionChecker, subject: StringExpr): boolean {
  if (subject.kind === "pathOf" || subject.kind === "stringVariable") return true;
  if (subject.kind !== "stringParam") return false;
  return scope?.prototype.params[subject.index - 1]?.type.kind === "path";
}

function patternKind(text: string): "glob" | "regex" | undefined {
  // `[` is a program, and `[id]` a usual name of a file
  if (text.length < 2) return undefined;
  if (/^\^|\.[*+]/.test(text)) return "regex";
  const isGlob = /[*?]|\[[!^][^\]]+\]|\[[^\]]*\w-\w[^\]]*\]|\[\[:|\{[^{}]*,[^{}]*\}/.test(text);
  return isGlob ? "glob" : undefined;
}
