/** What `sct count` does: the kernel counts, and tables are printed at the end. */
import { type CheckedAction, type CheckedRule, countOf } from "../../language/index.ts";
import type { CommandArguments } from "../command.ts";
import { InputError, UsageError } from "../errors.ts";
import { ExitCode } from "../exit-codes.ts";
import { parseDurationMs } from "../quantity.ts";
import { loadRules, printDiagnostics } from "../rules.ts";
import { shortRules } from "../short-rules.ts";
import { watchRules } from "../watch/run.ts";
import { titled } from "./titles.ts";

/** No event comes: the smallest ring is enough. */
const RING_BYTES = 1 << 16;

/** Warnings of rules of which only the first acts. */
const EACH_SEES_ALL = ["shadowed_rule"];

export async function runCount(args: CommandArguments): Promise<ExitCode> {
  const duration = args.last("for");
  const durationMs = duration === undefined ? undefined : parseDurationMs(duration, "--for");
  if (args.operands.length === 0) throw new UsageError("a rule is missing: write CALLS to count");
  const texts = shortRules(args.operands, "rules of files are counted by 'sct watch -f'");
  const ruleSet = loadRules(args, printDiagnostics, texts, EACH_SEES_ALL);
  if (ruleSet === undefined) return ExitCode.found;
  const options = { isJson: args.has("json"), durationMs, verb: "counting the calls of" };
  return watchRules(titled(ruleSet.rules.map(counting)), options, { ringBytes: RING_BYTES });
}

/** A rule without an action counts; where two match one call, both count it. Throws InputError for one that does more. */
function counting(rule: CheckedRule): CheckedRule {
  const other = rule.actions.find((action) => action.type !== "COUNT" && !isImplied(action));
  if (other !== undefined)
    throw new InputError(`${rule.name}: 'sct count' only counts: leave out 'then ${other.type}'`);
  const counts = { ...rule, continue: true };
  if (countOf(rule) !== undefined) return counts;
  const counted = { by: [], measures: [] };
  const action = { type: "COUNT", ...counted, span: rule.span } as const;
  const targets = rule.targets.map((target) => ({ ...target, counted }));
  return { ...counts, targets, actions: [action] };
}

/** The LOG of a short rule that names no action stands nowhere in its text. */
function isImplied({ type, span }: CheckedAction): boolean {
  return type === "LOG" && span.start === span.end;
}
