/** What is offered to somebody who is asked: the file alone, its folder, files like it; or an address, its port. */
import { dirname, extname } from "node:path";
import type { DeniedUse } from "../../engines/supervised/index.ts";
import { decidingFile, literalGlob, type PolicyPart } from "../../language/index.ts";
import { isNeverWhole, whyNotProposed } from "../../learning/index.ts";
import { entryAsText, exactEntry, type ProposedAnswer } from "./entry.ts";

export interface AskedProposals {
  readonly entries: readonly ProposedAnswer[];
  /** Only the name alone is offered, and not for ever: why. */
  readonly warning?: string;
}

/** `name`: the one of the use that is not allowed. Pure. */
export function proposalsFor(
  part: PolicyPart,
  name: string,
  { call }: Pick<DeniedUse, "call">,
  home: string,
): AskedProposals {
  const { right, aspect } = part;
  if (right === "connect" || right === "listen") return forAddress(name);
  const isNamed = aspect === "names";
  const exact = { text: entryAsText(exactEntry(name, isNamed)), about: "this name" };
  const isTaken = decidingFile(part.files, name, !isNamed)?.negated === true;
  const guarded = whyNotProposed({ right, name }, home);
  if (guarded !== undefined) return { entries: [exact], warning: guarded };
  if (isTaken) return { entries: [exact], warning: "the policy takes it away by `not`" };
  const folder = dirname(name);
  if (!name.startsWith("/") || folder === "/" || isNeverWhole(folder, home))
    return { entries: [exact] };
  const below = { text: entryAsText(`${literalGlob(folder)}/**`), about: "its folder" };
  const ending = extname(name);
  const like = {
    text: entryAsText(`${literalGlob(folder)}/*${literalGlob(ending)}`),
    about: ending === "" ? "names in its folder" : "names like it",
  };
  return { entries: /^mkdir/.test(call) ? [exact, below] : [exact, below, like] };
}

function forAddress(peer: string): AskedProposals {
  const at = peer.lastIndexOf(":");
  return {
    entries: [
      { text: `"${peer}"`, about: "this address" },
      { text: `"${peer.slice(0, at)}:*"`, about: "all its ports" },
      { text: `"*${peer.slice(at)}"`, about: "this port of all" },
    ],
  };
}
