/**
 * Lists of files as grants of Landlock. It allows folders with all that is below, and files: nothing is taken away from
 * them, and names do not count, only what they lead to when the command starts. Where a list needs more, the grants allow
 * more than the list, and `inexact` says why: rules decide on the rest then.
 */
import type { AllowedFile } from "../../../language/checked/index.ts";
import { type ExistingPlace, type FindPlace, folderAbove, isBelow } from "./place.ts";

export interface Grants {
  readonly places: readonly ExistingPlace[];
  /** Undefined: Landlock allows what the list does, no more and no less. */
  readonly inexact: string | undefined;
  /** Names that lead to nothing. */
  readonly missing: readonly string[];
}

const latin1 = (bytes: Uint8Array): string => Buffer.from(bytes).toString("latin1");
const shown = (bytes: Uint8Array): string => `"${Buffer.from(bytes)}"`;
/** Which process these mean depends on who looks. */
const OF_THE_READER = /^\/proc\/(?:thread-)?self(?:\/|$)/;
const SPECIAL = /[*?[{\\]/;

interface One {
  readonly place: ExistingPlace | undefined;
  readonly inexact?: string;
}

export interface ListContext {
  readonly find: FindPlace;
  /** Folders in which the command can exchange what names lead to. */
  readonly writable: readonly ExistingPlace[];
  /** The list is the one of what may be written. */
  readonly isWriting: boolean;
}

/** Grants for a list of a policy. */
export function grantsOf(files: readonly AllowedFile[], context: ListContext): Grants {
  const reasons: string[] = [];
  const missing: string[] = [];
  const places: ExistingPlace[] = [];
  for (const file of files) {
    if (file.negated) {
      reasons.push(`Landlock cannot take ${shown(file.text)} away again`);
      continue;
    }
    const found = placeOf(file, context);
    if (found.inexact !== undefined) reasons.push(found.inexact);
    if (found.place === undefined) missing.push(latin1(file.text));
    else places.push(found.place);
  }
  const held = context.isWriting
    ? places
    : places.map((place) => steady(place, places, context, reasons));
  return { places: held, inexact: reasons[0], missing };
}

/** What the command can rename away is granted by the folder in which it can. */
function steady(
  place: ExistingPlace,
  places: readonly ExistingPlace[],
  { writable }: ListContext,
  reasons: string[],
): ExistingPlace {
  const around = writable.find(({ real, kind }) => kind === "folder" && isBelow(place.real, real));
  if (around === undefined) return place;
  const isCovered = places.some(
    ({ kind, real }) => kind === "folder" && (real === around.real || isBelow(around.real, real)),
  );
  if (isCovered) return place;
  reasons.push(`the command may exchange "${place.real}", and Landlock follows the old one`);
  return around;
}

function placeOf({ form, text }: AllowedFile, context: ListContext): One {
  const { find, isWriting } = context;
  const path = latin1(text);
  if (OF_THE_READER.test(path))
    return {
      place: { kind: "folder", real: "/proc" },
      inexact: `${shown(text)} is another file for each process`,
    };
  if (form === "pattern") {
    const literal = path.slice(0, path.search(SPECIAL));
    const folder = literal.slice(0, literal.lastIndexOf("/")) || "/";
    const place = find(folder);
    return {
      place: place?.kind === "folder" ? place : folderAbove(folder, find),
      inexact: `Landlock has no patterns such as ${shown(text)}`,
    };
  }
  const place = find(path);
  if (place === undefined && !isWriting) return absent(path, context);
  if (form === "below") return { place: place?.kind === "folder" ? place : undefined };
  if (place === undefined && isWriting)
    return {
      place: folderAbove(path, find),
      inexact: `${shown(text)} does not exist, and Landlock cannot let one name be made`,
    };
  if (place?.kind === "folder")
    return { place, inexact: `Landlock allows ${shown(text)} only with all that is below it` };
  return { place };
}

/** The command can make it, if it may write where it would be. */
function absent(path: string, { find, writable }: ListContext): One {
  const above = folderAbove(path, find);
  const around = writable.find(
    ({ kind, real }) => kind === "folder" && (real === above.real || isBelow(above.real, real)),
  );
  if (around === undefined) return { place: undefined };
  return { place: around, inexact: `"${path}" does not exist yet` };
}
