/** Which entry of a list decides about the name of a file, as the rules of the policy do: the last one that fits. */
import type { AllowedFile } from "../checked/policy.ts";
import { parseGlob } from "../strings/glob.ts";
import { GlobMatcher } from "../strings/glob-matcher.ts";
import { latin1 } from "../strings/latin1.ts";

/** `name` has a character for each byte. `isFolder`: a folder's own name counts as below it, too. */
export function fileEntryFits(
  { form, text }: AllowedFile,
  name: string,
  isFolder = false,
): boolean {
  const own = latin1(text);
  if (form === "name") return name === own;
  if (form === "below")
    return own === "/" || name.startsWith(`${own}/`) || (isFolder && name === own);
  return new GlobMatcher(parseGlob(text)).matches(bytesOf(name));
}

const bytesOf = (name: string): Uint8Array =>
  Uint8Array.from(name, (character) => character.charCodeAt(0));

/** Undefined: none fits, so that the name is not allowed. */
export function decidingFile(
  files: readonly AllowedFile[],
  name: string,
  isFolder = false,
): AllowedFile | undefined {
  return files.findLast((file) => fileEntryFits(file, name, isFolder));
}
