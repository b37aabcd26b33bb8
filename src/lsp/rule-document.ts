/** An open rule file, as it is in the editor: parsed and checked, together with what it includes. */
import { fileURLToPath, pathToFileURL } from "node:url";
import type { Diagnostic } from "../base/diagnostic.ts";
import type { SourceFile } from "../base/span.ts";
import { Accounts } from "../files/index.ts";
import { type ParseOptions, type ParseResult, parseRules } from "../language/index.ts";
import { vocabulary } from "../linux/index.ts";
import { RuleFiles } from "../rule-files/index.ts";

export interface RuleDocument {
  readonly uri: string;
  readonly file: SourceFile;
  readonly result: ParseResult;
}

/** Texts that are open, by the path of their file. */
export type OpenTexts = (path: string) => string | undefined;

/** What is no file, such as a text that was never saved, keeps its address as its name. */
export function pathOfUri(uri: string): string {
  return uri.startsWith("file:") ? fileURLToPath(uri) : uri;
}

export function uriOf(file: SourceFile): string {
  return file.name.startsWith("/") ? pathToFileURL(file.name).href : file.name;
}

export interface Checking {
  /** An included file that is open counts as it is in the editor. */
  readonly openTexts: OpenTexts;
  /** What an engine would refuse of the rules, as warnings. */
  readonly refusals: NonNullable<ParseOptions["refusals"]>;
}

export function checkDocument(
  uri: string,
  text: string,
  { openTexts, refusals }: Checking,
): RuleDocument {
  const file = { name: pathOfUri(uri), text };
  const files = new RuleFiles({ readsPipes: false });
  const result = parseRules([file], vocabulary, {
    accounts: new Accounts(),
    refusals,
    loadInclude: (path, from) => {
      const found = files.include(path, from);
      const open = "text" in found ? openTexts(found.name) : undefined;
      return open === undefined ? found : { name: found.name, text: open };
    },
  });
  return { uri, file, result };
}

/** Those of the text itself; errors of an included file stand at its `include`. */
export function ownDiagnostics({ file, result }: RuleDocument): readonly Diagnostic[] {
  const includes = result.ast
    .filter((tree) => tree.file === file)
    .flatMap(({ items }) => items.filter((item) => item.kind === "include"));
  return result.diagnostics.flatMap((diagnostic) => {
    if (diagnostic.span.file === file) return [diagnostic];
    const [include] = includes;
    if (include === undefined || diagnostic.severity !== "error") return [];
    const { message, span } = diagnostic;
    const related = [{ message, span }, ...(diagnostic.related ?? [])];
    return [
      {
        ...diagnostic,
        message: "A file that is included has an error",
        span: include.span,
        related,
      },
    ];
  });
}
