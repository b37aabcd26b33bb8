/** A name that a file gives becomes another one, wherever it is used. */
import type { TextEdit, WorkspaceEdit } from "vscode-languageserver";
import { isFreeName, quotedText } from "../language/index.ts";
import { type NamePlace, nameAt } from "./names.ts";
import { editorRange } from "./ranges.ts";
import { type RuleDocument, uriOf } from "./rule-document.ts";

const VALUE_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** A reason, for the person who asked. */
export class RenameRefused extends Error {}

/** Throws RenameRefused where the new name cannot stand there. Undefined: no name that a file gives is there. */
export function renameEdits(
  document: RuleDocument,
  offset: number,
  newName: string,
): WorkspaceEdit | undefined {
  const found = nameAt(document, offset);
  if (found === undefined) return undefined;
  const { places, at } = found;
  const newText = writtenName(at, newName);
  const changes = Map.groupBy(places, ({ span }) =>
    span.file === document.file ? document.uri : uriOf(span.file),
  );
  const editsOf = (some: readonly NamePlace[]): TextEdit[] =>
    some.map(({ span }) => ({ range: editorRange(span), newText }));
  return {
    changes: Object.fromEntries([...changes].map(([uri, some]) => [uri, editsOf(some)])),
  };
}

function writtenName({ space }: NamePlace, name: string): string {
  if (space === "rule") return isFreeName(name) ? name : quotedText(name);
  if (VALUE_NAME.test(name)) return name;
  throw new RenameRefused("a define or list has a name of letters, digits and _");
}
