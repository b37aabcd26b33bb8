/** The outline of a file, and the places of a name. */
import {
  type DocumentHighlight,
  type DocumentSymbol,
  type Location,
  SymbolKind,
} from "vscode-languageserver";
import type { Item, Name } from "../language/index.ts";
import { nameAt } from "./names.ts";
import { editorRange } from "./ranges.ts";
import { type RuleDocument, uriOf } from "./rule-document.ts";

const decoder = new TextDecoder();

/** Name in the outline, and where it stands; a rule without one has its calls. */
function titleOf(item: Item): { readonly title: string; readonly name: Name | undefined } {
  switch (item.kind) {
    case "rule": {
      const [named] = item.entries.flatMap((one) => (one.kind === "rule_name" ? [one.value] : []));
      if (named !== undefined) return { title: named.text, name: named };
      const calls = item.entries.flatMap((one) => (one.kind === "syscall_name" ? one.values : []));
      return { title: calls.map(({ text }) => text).join(", "), name: calls[0] };
    }
    case "test":
      return {
        title: decoder.decode(item.title.value),
        name: { text: "", span: item.title.span },
      };
    case "include":
      return { title: decoder.decode(item.path.value), name: { text: "", span: item.path.span } };
    default:
      return { title: item.name.text, name: item.name };
  }
}

const KINDS: Readonly<Record<Item["kind"], SymbolKind>> = {
  rule: SymbolKind.Function,
  policy: SymbolKind.Class,
  define: SymbolKind.Constant,
  list: SymbolKind.Array,
  test: SymbolKind.Method,
  include: SymbolKind.File,
};

export function documentSymbols({ file, result }: RuleDocument): DocumentSymbol[] {
  const tree = result.ast.find((one) => one.file === file);
  return (tree?.items ?? []).map((item) => {
    const { title, name } = titleOf(item);
    const range = editorRange(item.span);
    return {
      // a symbol without a name is refused by editors
      name: title.trim() === "" ? item.kind : title,
      kind: KINDS[item.kind],
      detail: item.kind,
      range,
      selectionRange: name === undefined ? range : editorRange(name.span),
    };
  });
}

interface Found {
  readonly location: Location;
  readonly isDefinition: boolean;
  readonly isHere: boolean;
}

function placesAt(document: RuleDocument, offset: number): readonly Found[] {
  const { places = [] } = nameAt(document, offset) ?? {};
  return places.map(({ span, isDefinition }) => {
    const isHere = span.file === document.file;
    const uri = isHere ? document.uri : uriOf(span.file);
    return { location: { uri, range: editorRange(span) }, isDefinition, isHere };
  });
}

export function definitionsAt(document: RuleDocument, offset: number): Location[] {
  const found = placesAt(document, offset).filter(({ isDefinition }) => isDefinition);
  return found.map(({ location }) => location);
}

export function referencesAt(document: RuleDocument, offset: number): Location[] {
  return placesAt(document, offset).map(({ location }) => location);
}

export function highlightsAt(document: RuleDocument, offset: number): DocumentHighlight[] {
  const found = placesAt(document, offset).filter(({ isHere }) => isHere);
  return found.map(({ location: { range } }) => ({ range }));
}
