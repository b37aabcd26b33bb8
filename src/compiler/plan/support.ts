/** What the language allows and the kernel engine cannot do yet: refused with the place and the reason. */

import type { Diagnostic } from "../../base/diagnostic.ts";
import type { Span } from "../../base/span.ts";
import type {
  BoolExpr,
  CheckedAction,
  CheckedRule,
  Node,
  StringExpr,
  Target,
} from "../../language/checked/index.ts";
import {
  fileNumber,
  fileParameters,
  type Presentation,
  refusePolicies,
  visit,
} from "../../language/index.ts";
import { fileHooksOf, getsFile, needsUnixSockets } from "../../linux/index.ts";
import { isIntVariable, type VariableName, variable } from "../../variables/index.ts";
import type { Machine } from "../machine.ts";
import { acts } from "./acts.ts";
import { knowsFile } from "./enforce.ts";
import { refuseMissing } from "./missing-variables.ts";
import { filesMeant, filesNamed } from "./names.ts";
import { reachingCall } from "./reaching-call.ts";

/** For what the other engine has. */
const RUN_HINT = "`sct run` can, for one command";

const KEY_HINT = `per pid, uid, comm or another number or name of a thread; ${RUN_HINT}`;

const ENGINE = "the kernel engine";

/** One error for each place that this engine must refuse; without a machine, only what it refuses on all of them. */
export function unsupportedBy(
  rules: readonly CheckedRule[],
  machine: Machine | undefined,
): Diagnostic[] {
  const found = new Map<string, Diagnostic>();
  const refuse: Refuse = (span, what, hint, why = `is not supported yet by ${ENGINE}`) => {
    const key = `${span.file.name}:${span.start}:${what}`;
    found.set(key, {
      code: "not_supported_by_engine",
      severity: "error",
      message: `${what} ${why}`,
      span,
      ...(hint === undefined ? {} : { hint }),
    });
  };
  for (const rule of rules) {
    if (rule.policy !== undefined) continue;
    for (const action of rule.actions) checkAction(action, refuse);
    if (machine !== undefined) refuseMissing(rule, machine, refuse);
    for (const target of rule.targets) {
      if (target.filter !== undefined) checkFilter(target.filter, refuse);
      checkFiles(rule, target, machine, refuse);
    }
    const { limit, frequency } = rule;
    const counted = { limit, occurrence: frequency?.occurrence, threshold: frequency?.threshold };
    for (const [what, entry] of Object.entries(counted))
      if (entry?.per !== undefined && !isKey(entry.per))
        refuse(entry.span, `${what} per ${entry.per.toLowerCase()}`, KEY_HINT);
  }
  return [...refusePolicies(rules), ...found.values()];
}

/** What classes mean for this engine. */
export interface KnownRules {
  readonly rules: readonly CheckedRule[];
  /** Members of classes that it cannot decide on, by rule, with what it does not know. */
  readonly leftOut: readonly { readonly rule: string; readonly calls: readonly string[] }[];
}

/** Leaves out members of classes whose files no program receives; a rule keeps them all if nothing else is left, to be refused. */
export function leaveOutUnknown(
  rules: readonly CheckedRule[],
  machine: Machine | undefined,
): KnownRules {
  const leftOut: { rule: string; calls: string[] }[] = [];
  const known = rules.map((rule) => {
    const unknownTo = (where: Machine | undefined): ReadonlySet<Target> =>
      new Set(
        rule.targets.filter(
          (target) =>
            target.fromClass === true && whyFilesUnknown(rule, target, where) !== undefined,
        ),
      );
    let unknown = unknownTo(machine);
    // of a machine that knows none, what no machine knows is not the point
    if (unknown.size === rule.targets.length) unknown = unknownTo(undefined);
    if (unknown.size === 0 || unknown.size === rule.targets.length) return rule;
    leftOut.push({ rule: rule.name, calls: [...unknown].map(({ name }) => name) });
    return { ...rule, targets: rule.targets.filter((target) => !unknown.has(target)) };
  });
  return { rules: known, leftOut };
}

/** Variables that can be counted per: numbers and names of threads. */
function isKey(name: VariableName): boolean {
  const { record } = variable(name);
  if (record.in === "macro") return isIntVariable(name);
  return record.in === "id" || record.in === "name" || name === "RETVAL";
}

/** Files are known only in security hooks, and only some hooks receive them. */
function checkFiles(
  rule: CheckedRule,
  target: Target,
  machine: Machine | undefined,
  refuse: Refuse,
): void {
  const blind = whyFilesUnknown(rule, target, machine);
  if (blind === undefined) return;
  // text can be got around: nothing to recommend to rules that act
  const other = acts(rule)
    ? "system-wide, deny the call by its caller (UID, EXE, COMM)"
    : "PARAMS[n] is the text that the program gave";
  const hint = `${RUN_HINT}; ${other}`;
  for (const span of filesNamed(rule, target)) refuse(span, blind.what, hint, blind.why);
}

interface Blind {
  readonly what: string;
  readonly why: string;
}

/** Undefined: hooks receive all files that the rule means of the target's calls. */
function whyFilesUnknown(
  rule: CheckedRule,
  target: Target,
  machine: Machine | undefined,
): Blind | undefined {
  const indexes = filesMeant(rule, target);
  if (indexes.size === 0) return undefined;
  for (const presentation of target.presentations) {
    const blind = whyUnknown(presentation, indexes, machine);
    if (blind !== undefined) return blind;
  }
  return undefined;
}

/** Undefined: hooks receive all files of the call that a rule means. */
function whyUnknown(
  presentation: Presentation,
  indexes: ReadonlySet<number>,
  machine: Machine | undefined,
): Blind | undefined {
  const { call, params } = presentation;
  const what = `PATH of ${call}`;
  const files = fileParameters(presentation);
  if (files.length === 0) return undefined;
  const isDescriptor = params[(files[0] ?? 0) - 1]?.type.kind === "int";
  for (const index of indexes)
    if (fileNumber(presentation, index) === undefined)
      return {
        what: `PATH[${index}] of ${call}`,
        why: `cannot be decided by ${ENGINE}: it is a descriptor beside a name`,
      };
  const hooks = fileHooksOf(reachingCall(presentation));
  // hooks do not say which of them they are asked about
  if (isDescriptor && files.length > 1)
    return { what, why: `cannot be decided by ${ENGINE}: it has more than one descriptor` };
  return whyBlind(call, hooks, machine);
}

/** Why none of the hooks knows a file. */
function whyBlind(
  call: string,
  hooks: readonly string[],
  machine: Machine | undefined,
): Blind | undefined {
  const what = `PATH of ${call}`;
  if (!hooks.some(getsFile))
    return { what, why: `cannot be decided by ${ENGINE}: no security hook receives the file` };
  if (machine === undefined) return undefined;
  const here = "cannot be decided here: this kernel";
  if (machine.hookKind === undefined)
    return { what: "PATH", why: `${here} lets no program into its security hooks` };
  const knowing = hooks.filter(getsFile);
  if (knowing.some((hook) => knowsFile(hook, machine))) return undefined;
  if (knowing.some(needsUnixSockets)) return { what, why: `${here} has no types of unix sockets` };
  if (knowing.some((hook) => machine.hasHook(hook)))
    return { what, why: `${here} lets no program see what names lead to` };
  return { what, why: `${here} has no security hook that receives the file` };
}

/** `why` follows `what`; absent: it may come with a later version. */
export type Refuse = (span: Span, what: string, hint?: string, why?: string) => void;

function checkAction(action: CheckedAction, refuse: Refuse): void {
  switch (action.type) {
    case "REWRITE":
      refuse(
        action.span,
        "REWRITE",
        undefined,
        "cannot be done for the whole machine: only `sct run` can do it",
      );
      return;
    case "LOG":
    case "COUNT":
    case "SUSPEND":
    case "FAIL":
    case "KILL":
      return;
  }
}

function checkFilter(filter: BoolExpr, refuse: Refuse): void {
  visit(filter, (node) => {
    const what = unsupportedNode(node);
    if (what !== undefined) refuse(node.span, what, RUN_HINT);
  });
}

/** What a message calls a node that this engine cannot evaluate; undefined: it can. */
function unsupportedNode(node: Node): string | undefined {
  if (node.kind === "stringCompare" && [node.left, node.right].some(mayHoldNul))
    return "comparing a buffer with what is not constant";
  return undefined;
}

/** Texts are compared up to their first NUL. */
function mayHoldNul({ kind }: StringExpr): boolean {
  return kind === "bufferParam";
}
