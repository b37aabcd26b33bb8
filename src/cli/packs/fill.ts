/**
 * Fills a pack for one run: its list WORK becomes the folders of the run, lists of other files are added to those of the same name,
 * and what it says of homes is said of the one of this user. Texts are changed where members stand; lines stay what they are.
 */
import type { SourceFile } from "../../base/span.ts";
import {
  type Item,
  type ListItem,
  literalGlob,
  parseRules,
  quotedText,
} from "../../language/index.ts";
import { vocabulary } from "../../linux/index.ts";

export interface Fill {
  /** Folders in which the command works. */
  readonly work: readonly string[];
  readonly home: string;
  readonly exists: (path: string) => boolean;
}

interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** The list that stands for the folders of a run. */
const WORK = "WORK";
const HOMES = "/{root,home/*}/";
const IN_HOMES = /^\/(?:home\/[^/]+|root)(?:\/|$)/;

/** The pack, and the files that are laid over it without what went into the pack. */
export function fillPack(
  pack: SourceFile,
  over: readonly SourceFile[],
  fill: Fill,
): { readonly pack: SourceFile; readonly over: readonly SourceFile[] } {
  const items = itemsOf(pack);
  const lists = new Map(
    items.flatMap((item) => (item.kind === "list" ? [[item.name.text, item]] : [])),
  );
  const taking = listsThatTake(items);
  const edits = items.flatMap((item) => [
    ...fillWork(item, fill),
    ...inOwnHome(pack, item, fill, taking),
  ]);
  const rest = over.map((file) => {
    const given = itemsOf(file).filter(
      (item): item is ListItem => item.kind === "list" && lists.has(item.name.text),
    );
    for (const item of given) {
      const at = membersOf(lists.get(item.name.text) ?? item);
      const own = membersOf(item);
      const members = file.text.slice(own.start, own.end);
      edits.push({ start: at.end, end: at.end, text: `, ${members}` });
    }
    return edited(
      file,
      given.map(({ span: { start, end } }) => ({
        start,
        end,
        text: file.text.slice(start, end).replace(/[^\n]/g, " "),
      })),
    );
  });
  return { pack: edited(pack, edits), over: rest };
}

/** As far as they can be read: what is wrong in a file is reported where it is loaded. */
function itemsOf(file: SourceFile): readonly Item[] {
  return parseRules([file], vocabulary).ast[0]?.items ?? [];
}

function membersOf({ values, span }: ListItem): { start: number; end: number } {
  const [first] = values;
  const last = values.at(-1);
  return { start: first?.span.start ?? span.end, end: last?.span.end ?? span.end };
}

function fillWork(item: Item, { work }: Fill): readonly Edit[] {
  if (item.kind !== "list" || item.name.text !== WORK) return [];
  const text = work.map((folder) => everythingIn(folder)).join(", ");
  return [{ ...membersOf(item), text }];
}

const everythingIn = (folder: string): string =>
  quotedText(`${folder === "/" ? "" : literalGlob(folder)}/**`);

/**
 * What is taken away is taken away in all homes, and in the one of this user, wherever it is. What is allowed is allowed in that one
 * alone: Landlock has no patterns.
 */
function inOwnHome(
  { text }: SourceFile,
  item: Item,
  { home, exists }: Fill,
  taking: ReadonlySet<string>,
): readonly Edit[] {
  const own = quotedText(`${literalGlob(home)}/`).slice(0, -1);
  const isElsewhere = !IN_HOMES.test(home) && home !== "/";
  return membersIn(item, taking).flatMap(({ start, end, takes }): Edit[] => {
    const member = text.slice(start, end);
    const meant = member.replace(`"${HOMES}`, () => own);
    if (meant === member) return [];
    if (takes) return isElsewhere ? [{ start: end, end, text: `, ${meant}` }] : [];
    const folder = FOLDER.exec(member)?.[1];
    const isThere = folder === undefined || exists(`${home}/${folder}`);
    return [{ start, end, text: isThere ? meant : NOTHING }];
  });
}

/** Of `"/{root,home/*}/.cache/**"` the folder. */
const FOLDER = /^"\/\{root,home\/\*\}\/([^*?[\]{}\\]+)\/\*\*"$/;
/** In the place of a folder that is not there: a file that everybody may use. */
const NOTHING = '"/dev/null"';

interface Member {
  readonly start: number;
  readonly end: number;
  readonly takes: boolean;
}

function membersIn(item: Item, taking: ReadonlySet<string>): readonly Member[] {
  if (item.kind === "list")
    return item.values.map(({ span: { start, end } }) => ({
      start,
      end,
      takes: taking.has(item.name.text),
    }));
  if (item.kind !== "policy") return [];
  return item.entries.flatMap((entry) =>
    "items" in entry
      ? entry.items.map(({ span: { start, end }, negated }) => ({ start, end, takes: negated }))
      : [],
  );
}

/** Lists that policies name behind `not`. */
function listsThatTake(items: readonly Item[]): ReadonlySet<string> {
  return new Set(
    items.flatMap((item) =>
      item.kind === "policy"
        ? item.entries.flatMap((entry) =>
            "items" in entry
              ? entry.items.flatMap(({ negated, value }) =>
                  negated && value.kind === "name" ? [value.name] : [],
                )
              : [],
          )
        : [],
    ),
  );
}

function edited(file: SourceFile, edits: readonly Edit[]): SourceFile {
  const text = edits
    .map((edit, i) => ({ ...edit, i }))
    // of several at one place, the last first: they then stand in their order
    .toSorted((a, b) => b.start - a.start || b.i - a.i)
    .reduce(
      (all, { start, end, text: by }) => all.slice(0, start) + by + all.slice(end),
      file.text,
    );
  return { ...file, text };
}
