/** Comparisons of strings that are legal and say something else than was meant. */
import type { Span } from "../../base/span.ts";
import { DESCRIPTOR_TYPES, RESEMBLING_TYPES, variable } from "../../variables/index.ts";
import type { StringExpr, StringOp } from "../checked/index.ts";
import { OPERATOR_TRAITS } from "../checked/traits.ts";
import { isFile } from "../file-tests.ts";
import { latin1 } from "../strings/latin1.ts";
import { nearest } from "../suggest.ts";
import type { Checker } from "./checker.ts";

/** TASK_COMM_LEN without the NUL. */
const MAX_COMM = 15;

/** Comparisons that the nature of the subject makes false, and patterns where bytes are compared. */
export function warnString(
  checker: Checker,
  op: StringOp | "in",
  subject: StringExpr,
  pattern: Uint8Array,
  span: Span,
): void {
  const isEqual = op === "==" || op === "in";
  if (subject.kind === "stringVariable" && variable(subject.name).record.in === "name") {
    if ((isEqual || op === "startswith") && pattern.length > MAX_COMM) {
      checker.error("comparison_never", span, [
        `the kernel cuts ${subject.name} to ${MAX_COMM} bytes`,
      ]);
    }
  }
  const isType = subject.kind === "fdText" && subject.member === "type";
  if (isType && isEqual) warnType(checker, latin1(pattern), span);
  const never = isFile(subject) ? whyNoPath(op, latin1(pattern)) : undefined;
  if (never) checker.error("comparison_never", span, [never]);
  if (
    (op === "in" || OPERATOR_TRAITS[op].takes === "text") &&
    (op === "in" || namesSomething(checker, subject))
  ) {
    const text = latin1(pattern);
    const kind = patternKind(text);
    if (kind) checker.error("pattern_as_text", span, [op, text], { hint: PATTERN_HINT[kind] });
  }
}

/** Kernels have kinds of files that nobody here knows: only what resembles a word of ours is a slip. */
function warnType(checker: Checker, text: string, span: Span): void {
  const meant = nearest(text, [...DESCRIPTOR_TYPES, ...RESEMBLING_TYPES]);
  if (meant === undefined || meant === text || !DESCRIPTOR_TYPES.includes(meant)) return;
  const hint = `did you mean \`"${meant}"\`?`;
  checker.error("comparison_never", span, [`no type of file is called \`${text}\``], { hint });
}

/** What procfs calls the caller itself leads to its number. */
const OF_CALLER = /^\/+proc\/+(?:self|thread-self)(?:\/|$)/;

/** Why no resolved path is what is written, however links lead. */
function whyNoPath(op: StringOp | "in", text: string): string | undefined {
  const begins = op === "==" || op === "in" || op === "startswith";
  // of a pattern, only one that begins with plain text, or with what is no `/`
  const isFixed = op === "matches" && !/^(?:$|[*{\\])/.test(text);
  if (!begins && !isFixed) return undefined;
  if (OF_CALLER.test(text)) return "a resolved path has the number of a process instead of `self`";
  // descriptors of no file are called `pipe:[1]`, `anon_inode:…`, files in memory `memfd:…`, abstract sockets `@…`
  if (text === "" || text.startsWith("/") || text.startsWith("@") || text.includes(":"))
    return undefined;
  return "a resolved path begins with `/`";
}

const PATTERN_HINT = {
  glob: "`matches` takes a shell pattern, or a list of them: `PATH matches LIST`",
  regex: "`=~` takes a regular expression, or a list of them: `COMM =~ LIST`",
} as const;

/** Names of files and processes hardly ever hold what makes a pattern; other text often does. */
function namesSomething({ scope }: Checker, subject: StringExpr): boolean {
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
