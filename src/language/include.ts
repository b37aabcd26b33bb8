/** Resolves includes: files in the order in which their text would stand, each once. */
import type { SourceFile, Span } from "../base/span.ts";
import type { Item, Tree } from "./ast.ts";
import { parse } from "./parse/parse.ts";
import type { Diagnostics } from "./report.ts";

/** Finds an included file: the file, or the reason why there is none. Its `name` says which file it is. */
export type LoadInclude = (
  path: string,
  from: SourceFile,
) => SourceFile | { readonly error: string };

const MAX_INCLUDE_DEPTH = 32;
/** Most characters of all files together. */
const MAX_TOTAL = 16 * 1024 * 1024;

interface Loader {
  readonly report: Diagnostics;
  readonly loadInclude: LoadInclude | undefined;
  readonly trees: Tree[];
  readonly items: Item[];
  /** Files that are being read, from the outermost. */
  readonly open: string[];
  readonly done: Set<string>;
  total: number;
}

/** Parses files and all that they include. */
export function parseAll(
  sources: readonly SourceFile[],
  report: Diagnostics,
  loadInclude?: LoadInclude,
): { trees: readonly Tree[]; items: readonly Item[] } {
  const loader: Loader = {
    report,
    loadInclude,
    trees: [],
    items: [],
    open: [],
    done: new Set(),
    total: 0,
  };
  for (const source of sources) load(loader, source, undefined);
  return { trees: loader.trees, items: loader.items };
}

function load(loader: Loader, file: SourceFile, from: Span | undefined): void {
  const { report, open, done } = loader;
  // A file given twice would only make duplicates of everything in it.
  if (done.has(file.name)) return;
  loader.total += file.text.length;
  if (loader.total > MAX_TOTAL) {
    report.add("file_too_large", from ?? { file, start: 0, end: 0 }, [
      "16 MiB with all that is included",
    ]);
    return;
  }
  const tree = parse(file, report);
  loader.trees.push(tree);
  open.push(file.name);
  for (const item of tree.items) {
    if (item.kind === "include") include(loader, file, item);
    else loader.items.push(item);
  }
  open.pop();
  done.add(file.name);
}

function include(loader: Loader, from: SourceFile, item: Extract<Item, { kind: "include" }>): void {
  const { report } = loader;
  const { span } = item.path;
  const path = new TextDecoder().decode(item.path.value);
  if (loader.open.length > MAX_INCLUDE_DEPTH) {
    report.add("include_too_deep", span, [MAX_INCLUDE_DEPTH]);
    return;
  }
  const file = loader.loadInclude?.(path, from) ?? { error: "files cannot be included here" };
  if ("error" in file) report.add("include_not_found", span, [path, file.error]);
  else if (loader.open.includes(file.name)) report.add("include_cycle", span, [path]);
  else load(loader, file, span);
}
