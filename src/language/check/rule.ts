/** One rule: its entries, its calls, its filter as typed for each of them. */

import { sourcePlace, startOf } from "../../base/position.ts";
import { type Table, table } from "../../base/table.ts";
import type { EntryOf, Expr, Name, RuleEntry, RuleItem } from "../ast.ts";
import type {
  BoolExpr,
  CheckedAction,
  CheckedRule,
  CountedValues,
  Target,
} from "../checked/index.ts";
import { PRIORITIES, parsePriority } from "../priority.ts";
import { didYouMean } from "../suggest.ts";
import { childrenOf } from "../walk.ts";
import { checkAction } from "./action.ts";
import type { RuleProgram } from "./context.ts";
import { typedByFilter } from "./dependent-types.ts";
import { ExpressionChecker } from "./expression.ts";
import { checkFrequency, checkLimit } from "./frequency.ts";
import { protectFiles } from "./protect.ts";
import { type NamedCall, resolveCalls, signatureOf } from "./targets.ts";
import { isAbsent } from "./value.ts";

/** A checked rule with what warnings need of its text. */
export interface RuleResult {
  readonly rule: CheckedRule;
  readonly item: RuleItem;
  readonly calls: readonly NamedCall[];
  readonly match: "variants" | "exact";
}

class RuleChecker {
  readonly program: RuleProgram;
  readonly item: RuleItem;
  readonly #entries = new Map<string, RuleEntry>();

  constructor(program: RuleProgram, item: RuleItem) {
    this.program = program;
    this.item = item;
    for (const entry of item.entries) {
      const first = this.#entries.get(entry.kind);
      if (!first || entry.kind === "action") this.#entries.set(entry.kind, entry);
      else {
        const related = [{ message: "It is given here first", span: first.span }];
        program.report.add("duplicate_entry", entry.span, [entry.kind, "rule"], { related });
      }
    }
  }

  get<K extends RuleEntry["kind"]>(kind: K): EntryOf<K> | undefined {
    return this.#entries.get(kind) as EntryOf<K> | undefined;
  }

  /** The word of an entry as one of its values. */
  word<T>(
    kind: "syscall_match" | "when" | "continue" | "on_unreadable",
    values: Table<T>,
  ): T | undefined {
    const entry = this.get(kind);
    if (!entry || !("value" in entry)) return undefined;
    const { text, span } = entry.value;
    if (text in values) return values[text];
    const known = Object.keys(values);
    this.program.report.add("bad_keyword", span, [text, kind], {
      expected: known.map((value) => `\`${value}\``).join(" or "),
      ...didYouMean(text, known),
    });
    return undefined;
  }
}

const YES_NO = table({ yes: true, no: false, true: true, false: false });

/** Checks a rule; undefined when it has errors of its own. `takeName` makes names unique. */
export function checkRule(
  program: RuleProgram,
  item: RuleItem,
  takeName: (name: Name | undefined, item: RuleItem) => string,
): RuleResult | undefined {
  const rule = new RuleChecker(program, item);
  const { report } = program;
  const name = takeName(rule.get("rule_name")?.value, item);
  const match =
    rule.word("syscall_match", table({ variants: "variants", exact: "exact" })) ?? "variants";
  const when = rule.word("when", table({ before: "before", after: "after" })) ?? "before";
  const continues = rule.word("continue", YES_NO) ?? false;
  const given = rule.word("on_unreadable", table({ match: "match", skip: "skip" }));
  const priority = checkPriority(program, rule.get("priority")?.value);
  const limit = checkLimit(program, rule.get("limit"), "bad_limit");
  const frequency = checkFrequency(program, rule);
  const names = rule.get("syscall_name");
  const head = {
    file: item.span.file,
    start: item.span.start,
    end: item.span.start + "rule".length,
  };
  if (!names && !item.broken) report.add("missing_entry", head, ["rule", "syscall_name"]);
  const calls = names ? resolveCalls(program, names.values, match, when) : [];
  const { targets: typed, leftOut } = withMeaning(checkTargets(program, rule, calls));
  const filter = rule.get("filter_expression")?.value;
  const scopes = calls.map((call) => typedByFilter(program, call, filter).scope);
  const actionItems = item.entries.filter((entry) => entry.kind === "action");
  if (actionItems.length === 0 && !item.broken) {
    report.add("missing_action", head, [], { expected: "`action { type = LOG }`" });
  }
  const actions: CheckedAction[] = [];
  const counted = new Map<string, CountedValues>();
  for (const actionItem of actionItems) {
    const action = checkAction(program, actionItem, { scopes, when, counted });
    if (!action) continue;
    if (action.type !== "LOG" && actions.some((other) => other.type === action.type)) {
      report.add("duplicate_action", action.span, [action.type]);
    }
    actions.push(action);
  }
  if (limit && actions.length > 0 && actions.every(({ type }) => type === "COUNT"))
    report.add("limit_of_count", limit.span, [], { expected: "`threshold`, or no limit" });
  const description = rule.get("description")?.value;
  if (typed.length === 0) return undefined;
  const targets = typed.map((target) => {
    const values = counted.get(target.name);
    return values ? { ...target, counted: values } : target;
  });
  // a policy has a list for each way to a file
  const protects = when === "before" && match === "variants" && item.policy === undefined;
  const checked: CheckedRule = {
    name,
    ...(description ? { description: new TextDecoder().decode(description.value) } : {}),
    ...(priority === undefined ? {} : { priority }),
    tags: (rule.get("tags")?.values ?? []).map((tag) => tag.text),
    when,
    targets: protects ? protectFiles(program.vocabulary, targets, actions) : targets,
    ...(leftOut.length > 0 ? { leftOut } : {}),
    actions,
    ...(limit ? { limit } : {}),
    ...(frequency ? { frequency } : {}),
    continue: continues,
    onUnreadable: given ?? defaultUnreadable(actions),
    ...(item.policy ? { policy: item.policy } : {}),
    span: item.span,
  };
  return { rule: checked, item, calls, match };
}

/** Acting on what could not be read is right for what can be repaired: a line too many, a call refused. */
function defaultUnreadable(actions: readonly CheckedAction[]): "match" | "skip" {
  const repairable: readonly string[] = ["LOG", "FAIL", "COUNT"];
  return actions.every(({ type }) => repairable.includes(type)) ? "match" : "skip";
}

/**
 * A class means those of its calls that have what the filter looks at. If none has, all stay: the rule never matches, which is
 * warned of.
 */
function withMeaning(all: readonly Target[]): {
  readonly targets: readonly Target[];
  readonly leftOut: readonly string[];
} {
  const isMeant = ({ filter }: Target): boolean => filter === undefined || !isAbsent(filter);
  const targets = all.filter(isMeant);
  if (targets.length === 0) return { targets: all, leftOut: [] };
  return { targets, leftOut: all.filter((target) => !isMeant(target)).map(({ name }) => name) };
}

/** Types the filter for each call; calls with the same signature share the result. */
function checkTargets(
  program: RuleProgram,
  rule: RuleChecker,
  calls: readonly NamedCall[],
): Target[] {
  const filter = rule.get("filter_expression")?.value;
  if (filter && calls.length === 0) reportUnknownNames(program, filter);
  const bySignature = new Map<string, BoolExpr | undefined>();
  let forAll: { filter: BoolExpr | undefined } | undefined;
  return calls.map((call) => {
    const { scope, source } = call;
    const { presentations } = typedByFilter(program, call, filter);
    const fromClass = scope.fromClass ? { fromClass: true as const } : {};
    const target = { name: scope.name, presentations, ...fromClass, span: source.span };
    if (!filter) return target;
    const signature = signatureOf(scope);
    let checked = forAll?.filter;
    if (!forAll) {
      if (bySignature.has(signature)) checked = bySignature.get(signature);
      else {
        const checker = new ExpressionChecker(program, scope);
        checked = checker.condition(filter);
        bySignature.set(signature, checked);
        // A filter that never looks at the call means the same for all of them.
        if (!checker.usesCall) forAll = { filter: checked };
      }
    }
    return checked ? { ...target, filter: checked } : target;
  });
}

/** Without a call nothing can be typed; names that mean nothing for any call are said all the same. */
function reportUnknownNames(program: RuleProgram, filter: Expr): void {
  const todo = [filter];
  for (let next = todo.pop(); next; next = todo.pop()) {
    todo.push(...childrenOf(next));
    if (next.kind === "name" && !program.names.isKnown(next.name))
      new ExpressionChecker(program).value(next);
  }
}

function checkPriority(program: RuleProgram, name: Name | undefined): number | undefined {
  if (!name) return undefined;
  const value = parsePriority(name.text);
  if (value === undefined) {
    program.report.add("bad_keyword", name.span, [name.text, "priority"], {
      expected: `0 to 7, or ${PRIORITIES.map((p) => `\`${p}\``).join(", ")}`,
      ...didYouMean(name.text, PRIORITIES),
    });
  }
  return value;
}

/** Names of rules: given ones must differ, the others are named after their place. */
export function ruleNamer(
  program: RuleProgram,
): (name: Name | undefined, item: RuleItem) => string {
  const given = new Map<string, Name>();
  const taken = new Set<string>();
  return (name, item) => {
    if (name) {
      const first = given.get(name.text);
      if (first) {
        const related = [{ message: "The first one is here", span: first.span }];
        program.report.add("duplicate_rule", name.span, [name.text], { related });
      } else given.set(name.text, name);
      taken.add(name.text);
      return name.text;
    }
    let place = sourcePlace(item.span);
    if (taken.has(place)) place += `:${startOf(item.span).column}`;
    taken.add(place);
    return place;
  };
}
