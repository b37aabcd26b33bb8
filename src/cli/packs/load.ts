/** The packs of a command line as rule texts, each with the user's own files laid over it. */
import { existsSync } from "node:fs";
import type { Diagnostic } from "../../base/diagnostic.ts";
import type { SourceFile } from "../../base/span.ts";
import { fillPack } from "./fill.ts";
import { isOfScripts, ownFileOver, packPath, userHome } from "./find.ts";
import { isScriptRun } from "./script-run.ts";

type Source = SourceFile | Diagnostic;

const isText = (source: Source): source is SourceFile => "text" in source;

/** `given`: values of --pack; `read` reads a rule file; `others`: rules that come besides, whose lists are laid over packs. */
export function withPacks(
  given: readonly string[],
  read: (path: string) => Source,
  others: readonly Source[],
): readonly Source[] {
  let rest = others;
  const packs: Source[] = [];
  for (const one of given) {
    const pack = read(packPath(one));
    const own = ownFileOver(one);
    if (own !== undefined) rest = [read(own), ...rest];
    if (!isText(pack)) {
      packs.push(pack);
      continue;
    }
    const filled = fillPack(pack, rest.filter(isText), {
      work: workFolders(pack),
      home: userHome(),
      exists: existsSync,
    });
    packs.push(filled.pack);
    // a file of lists alone has nothing left
    rest = [...rest.filter((source) => !isText(source)), ...filled.over.filter(hasItems)];
  }
  return [...packs, ...rest];
}

const hasItems = ({ text }: SourceFile): boolean =>
  text.replace(/#[^\n]*|\/\/[^\n]*|\/\*[\s\S]*?\*\//g, "").trim() !== "";

/** An install script has a folder for its temporary files besides. */
function workFolders({ text }: SourceFile): readonly string[] {
  const temporary = isOfScripts(text) && isScriptRun() ? process.env["TMPDIR"] : undefined;
  return [process.cwd(), ...(temporary === undefined ? [] : [temporary])];
}
