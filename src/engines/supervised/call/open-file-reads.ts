/** What rules that look back at a call ask of its descriptors: read before the call is made. */
import { extraMacros } from "../../../events/index.ts";
import {
  type CallView,
  type CheckedRule,
  factsOf,
  lookedAt,
  readDescriptorNumber,
  readDescriptorText,
  readPeerAddress,
  type Target,
} from "../../../language/index.ts";
import { type DescriptorMember, isDescriptorMember } from "../../../variables/index.ts";

/** The view keeps what was read. */
export function rememberOpenFiles(view: CallView, rule: CheckedRule, target: Target): void {
  for (const { index, member } of factsOf(lookedAt(target)).descriptors) read(view, index, member);
  for (const { name, index = 0, field = "" } of extraMacros(rule))
    if (name === "fd" && isDescriptorMember(field)) read(view, index, field);
}

function read(view: CallView, index: number, member: DescriptorMember): void {
  if (member === "addr") readPeerAddress(view, index);
  else if (member === "port" || member === "flags") readDescriptorNumber(view, index, member);
  else readDescriptorText(view, index, member);
}
