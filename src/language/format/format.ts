/** Rule text → the same rules as `sct fmt` writes them. */
import type { SourceFile } from "../../base/span.ts";
import type { Token } from "../parse/lexer.ts";
import { parse } from "../parse/parse.ts";
import { printTree } from "../print.ts";
import { Diagnostics } from "../report.ts";
import { commentsOf } from "./comments.ts";
import { LayOut } from "./lay-out.ts";
import { textOfLines } from "./lines.ts";
import { ShapeOfTree } from "./shape.ts";

export interface FormattedText {
  /** Undefined where the text has an error of syntax, or has become too long. */
  readonly text: string | undefined;
  /** Errors, in the order of the text. */
  readonly diagnostics: Diagnostics["diagnostics"];
}

/** Names that nobody has are no error: they need not be known. Throws where the result would mean something else. */
export function formatRules(file: SourceFile): FormattedText {
  const report = new Diagnostics();
  const tokens: Token[] = [];
  const tree = parse(file, report, tokens);
  if (report.hasErrors) return { text: undefined, diagnostics: report.sorted() };
  const { lines } = new LayOut(file.text, tokens, new ShapeOfTree(tree));
  const text = textOfLines(lines);
  const tokensAgain: Token[] = [];
  const reportAgain = new Diagnostics();
  const again = parse({ name: file.name, text }, reportAgain, tokensAgain);
  // with its indentation it may be longer than rule texts can be
  if (reportAgain.hasErrors) return { text: undefined, diagnostics: reportAgain.sorted() };
  if (printTree(again) !== printTree(tree))
    throw new Error(`formatting ${file.name} would change its rules`);
  if (commentsOf(text, tokensAgain).join("\n") !== commentsOf(file.text, tokens).join("\n"))
    throw new Error(`formatting ${file.name} would change its comments`);
  return { text, diagnostics: [] };
}
