/** What a rule is about to deny, as somebody who is asked sees it. */
import { endpointText } from "../../base/endpoint.ts";
import { formatAddress } from "../../events/index.ts";
import {
  type CallView,
  type CheckedRule,
  type PolicyPart,
  readAddress,
  readField,
} from "../../language/index.ts";
import { vocabulary } from "../../linux/index.ts";

export interface DeniedUse {
  readonly rule: CheckedRule;
  /** The call as the rule names it. */
  readonly call: string;
  /**
   * What it is about, as policies compare it: names of files with a character for each byte, or an address with its port. Of rules
   * that come from no policy: the files that the call names, which may be none.
   */
  readonly names: readonly string[];
}

/** Whether a rule is asked about before it fails calls, and what was allowed since. */
export interface Permissions {
  isAsked(rule: CheckedRule): boolean;
  permits(use: DeniedUse): boolean;
}

/** Undefined: its name or address is not known, so that nobody can say anything about it. */
export function deniedUse(rule: CheckedRule, view: CallView): DeniedUse | undefined {
  const { call } = view.presentation;
  const { policy } = rule;
  if (policy === undefined) return { rule, call, names: allFiles(view) };
  const names = isNetwork(policy) ? addressOf(view) : filesOf(view, call);
  return names === undefined ? undefined : { rule, call, names };
}

const isNetwork = ({ right }: PolicyPart): boolean => right === "connect" || right === "listen";

function addressOf(view: CallView): readonly string[] | undefined {
  const index = view.presentation.call === "sendto" ? 5 : 2;
  const bytes = readAddress(view, index, "addr", vocabulary);
  const port = readField(view, index, "port", vocabulary);
  if (typeof bytes === "string" || typeof port !== "bigint") return undefined;
  const address = formatAddress(bytes);
  return [endpointText(address, port)];
}

const MOVING = /^(?:rename|link)/;
const LINKING = /^symlink/;

function filesOf(view: CallView, call: string): readonly string[] | undefined {
  const wanted = LINKING.test(call) ? [2] : MOVING.test(call) ? [1, 2] : [0];
  const names = wanted.flatMap((index) => nameAt(view, index) ?? []);
  return names.length === wanted.length ? names : undefined;
}

function allFiles(view: CallView): readonly string[] {
  return view.presentation.params.flatMap(({ type }, i) =>
    type.kind === "path" ? (nameAt(view, i + 1) ?? []) : [],
  );
}

function nameAt(view: CallView, index: number): string | undefined {
  const file = view.path(index);
  if (typeof file !== "object" || file === null || file.truncated) return undefined;
  return Buffer.from(file.bytes).toString("latin1");
}
