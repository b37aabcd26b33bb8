/** What an entry of a policy leads to when the command starts. */

export interface ExistingPlace {
  readonly kind: "folder" | "file";
  /** Absolute, without links; one character for each byte. */
  readonly real: string;
}

/** Undefined: there is nothing, or nothing that this user can get to. */
export type FindPlace = (path: string) => ExistingPlace | undefined;

/** `path` is in `folder`, at any depth. */
export function isBelow(path: string, folder: string): boolean {
  return path !== folder && path.startsWith(folder === "/" ? "/" : `${folder}/`);
}

/** The nearest folder above a name that exists. */
export function folderAbove(path: string, find: FindPlace): ExistingPlace {
  for (let at = path; at !== "/" && at !== ""; ) {
    at = at.slice(0, at.lastIndexOf("/")) || "/";
    const place = find(at);
    if (place?.kind === "folder") return place;
  }
  return { kind: "folder", real: "/" };
}
