/**
 * Whether a rule can mean a file below a directory, by what it says of PATH, EXE and CWD. Certain only where the answer is no:
 * there may be conditions beside those.
 */
import {
  type BoolExpr,
  type CheckedRule,
  GlobMatcher,
  isFile,
  parseGlob,
  visit,
} from "../../language/index.ts";
import type { Path } from "./task/path-text.ts";

type StringTest = Extract<BoolExpr, { kind: "stringTest" }>;

const SLASH = Buffer.from("/");

/** Absolute, without a slash at its end. */
export function mayMean({ targets }: CheckedRule, directory: Path): boolean {
  return targets.some(({ filter }) => filter !== undefined && mayHold(filter, directory, false));
}

function mayHold(expr: BoolExpr, directory: Path, isNegated: boolean): boolean {
  switch (expr.kind) {
    case "not":
      return mayHold(expr.operand, directory, !isNegated);
    case "and":
    case "or":
      return mayHold(expr.left, directory, isNegated) || mayHold(expr.right, directory, isNegated);
    case "stringTest":
      return isFile(expr.subject) && (isNegated || mayPass(expr, directory));
    case "stringIn":
      return (
        isFile(expr.subject) &&
        (isNegated || expr.values.some((value) => isIn(latin1(value), directory)))
      );
    case "stringCompare":
      return isFile(expr.left) || isFile(expr.right);
    // a condition that counts as a number: whatever it says of files
    case "truth":
    case "compare":
    case "inRanges":
      return looksAtFiles(expr);
    case "constant":
    case "inNetwork":
    case "fdInNetwork":
    case "descendsFrom":
      return false;
  }
}

function looksAtFiles(expr: BoolExpr): boolean {
  let looks = false;
  visit(expr, (node) => {
    looks ||= node.kind === "pathOf" || (node.kind === "stringVariable" && isFile(node));
  });
  return looks;
}

/** Whether the name of something in the directory, or of itself, may pass. */
function mayPass({ op, pattern }: StringTest, directory: Path): boolean {
  const text = latin1(pattern);
  switch (op) {
    case "==":
      return isIn(text, directory);
    case "startswith":
      return `${directory}/`.startsWith(text) || isIn(text, directory);
    case "endswith":
      // a name of its own keeps what is below the directory
      return [...text.matchAll(/\//g)].some(
        ({ index }) => index > 0 && directory.endsWith(text.slice(0, index)),
      );
    case "matches": {
      const glob = new GlobMatcher(parseGlob(pattern));
      const name = Buffer.from(directory, "latin1");
      return glob.matches(name) || glob.canContinue(Buffer.concat([name, SLASH]));
    }
    default:
      return true;
  }
}

function isIn(name: Path, directory: Path): boolean {
  return name === directory || name.startsWith(`${directory}/`);
}

function latin1(bytes: Uint8Array): Path {
  return Buffer.from(bytes).toString("latin1");
}
