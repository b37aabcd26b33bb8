/** Legal and probably wrong: rules that never act, decisions on raw path text, calls with another way in. */

import type { BoolExpr, StringExpr } from "../checked/index.ts";
import { leftOpenBy } from "../left-open.ts";
import { printExpr } from "../print-expression.ts";
import type { OtherWays, Presentation, Vocabulary } from "../vocabulary.ts";
import type { RuleProgram } from "./context.ts";
import { conjunctsOf, isContradiction } from "./contradiction.ts";
import { memberNeverThere } from "./never-there.ts";
import type { RuleResult } from "./rule.ts";

/** Warnings that need the whole rule or the whole set. */
export function warnRules(program: RuleProgram, results: readonly RuleResult[]): void {
  const shadows = new Map<string, RuleResult>();
  const prevented = callsPrevented(results);
  for (const result of results) {
    // What an error left of a rule is not what was meant.
    const typed = !filterOf(result) || result.rule.targets.every(({ filter }) => filter);
    if (result.item.broken || !typed) continue;
    warnNever(program, result);
    warnNeverThere(program, result);
    warnNoReturn(program, result);
    warnShadowed(program, result, shadows);
    warnRawPath(program, result);
    warnWithoutKernel(program, result);
    warnLeftOpen(program, result, prevented);
    // one of them is enough
    void (
      warnOtherWay(program, result) ||
      warnDescriptor(program, result) ||
      warnOtherOperation(program, result, prevented)
    );
  }
}

function filterOf({ item }: RuleResult) {
  for (const entry of item.entries) if (entry.kind === "filter_expression") return entry;
  return undefined;
}

function warnNever(program: RuleProgram, result: RuleResult): void {
  const filter = filterOf(result);
  if (!filter) return;
  const filters = new Set(result.rule.targets.map((target) => target.filter));
  if (filters.has(undefined)) return;
  const all = [...filters].filter((f) => f !== undefined);
  const { span } = filter.value;
  if (all.every((f) => isContradiction(f))) program.report.add("never_matches", span, []);
  else if (all.every((f) => f.kind === "constant")) program.report.add("always_true", span, []);
}

function warnNeverThere(program: RuleProgram, { rule }: RuleResult): void {
  for (const { filter, presentations } of rule.targets) {
    const [call] = presentations;
    if (filter === undefined || call === undefined) continue;
    const found = memberNeverThere(conjunctsOf(filter), call, program.vocabulary);
    if (found === undefined) continue;
    const { atom, index, field } = found;
    const why = `with the command of this filter, PARAMS[${index}] has no \`${field}\``;
    program.report.add("comparison_never", atom.span, [why]);
    return;
  }
}

function warnNoReturn(program: RuleProgram, { rule, calls }: RuleResult): void {
  if (rule.when !== "after") return;
  for (const { scope, source } of calls) {
    if (scope.fromClass || !program.vocabulary.knowledge(scope.name).neverReturns) continue;
    program.report.add("no_return", source.span, [scope.name], {
      hint: "without `when = after` the rule sees the call when it is made",
    });
  }
}

/** The parts of a filter that must all hold, and the whole, as canonical text. */
function conjuncts(result: RuleResult): string[] {
  const filter = filterOf(result)?.value;
  if (!filter) return [];
  if (filter.kind !== "logical" || filter.op !== "&&") return [printExpr(filter)];
  return [...filter.operands.map(printExpr), printExpr(filter)];
}

/**
 * A rule that matches all calls of a name (or all with some condition) hides later ones whose filter has that
 * condition among its own. Looked up by text, so the cost is linear in the rules.
 */
function warnShadowed(
  program: RuleProgram,
  result: RuleResult,
  shadows: Map<string, RuleResult>,
): void {
  const { rule, match } = result;
  const own = conjuncts(result);
  const key = (name: string, how: string, filter: string) =>
    `${rule.when} ${how} ${name} ${filter}`;
  const ways = match === "exact" ? ["variants", "exact"] : ["variants"];
  let hiding: RuleResult | undefined;
  const hidden = rule.targets.every(({ name }) => {
    for (const how of ways) {
      for (const filter of ["", ...own]) {
        const shadow = shadows.get(key(name, how, filter));
        if (!shadow) continue;
        hiding ??= shadow;
        return true;
      }
    }
    return false;
  });
  if (hidden && hiding) {
    const [first] = result.calls;
    program.report.add("shadowed_rule", first?.source.span ?? rule.span, [hiding.rule.name], {
      hint: "put this rule first, or give the other one `continue = yes`",
      related: [
        {
          message: "The first rule that matches is the only one that acts",
          span: hiding.calls[0]?.source.span ?? hiding.rule.span,
        },
      ],
    });
  }
  if (rule.continue || rule.frequency !== undefined) return;
  const whole = own.at(-1) ?? "";
  for (const { name } of rule.targets) {
    const shadowKey = key(name, match, whole);
    if (!shadows.has(shadowKey)) shadows.set(shadowKey, result);
  }
}

function atoms(expr: BoolExpr): BoolExpr[] {
  const found: BoolExpr[] = [];
  const todo = [expr];
  for (let next = todo.pop(); next; next = todo.pop()) {
    if (next.kind === "and" || next.kind === "or") todo.push(next.right, next.left);
    else if (next.kind === "not") todo.push(next.operand);
    else found.push(next);
  }
  return found;
}

/** Actions that a program may want to get around. */
const PREVENTING: readonly string[] = ["FAIL", "KILL", "SUSPEND"];

/** `cd /etc && rm ./passwd` gets past a rule that compares PARAMS[1] with "/etc/passwd". */
function warnRawPath(program: RuleProgram, { rule }: RuleResult): void {
  const action = rule.actions.find(({ type }) => PREVENTING.includes(type));
  if (!action || rule.when === "after") return;
  const seen = new Set<BoolExpr>();
  for (const { filter, presentations } of rule.targets) {
    if (!filter || seen.has(filter)) continue;
    seen.add(filter);
    const all = atoms(filter);
    if (all.some(isOfFile)) continue;
    for (const atom of all) {
      if (atom.kind !== "stringTest" && atom.kind !== "stringIn") continue;
      const raw = rawName(atom.subject, presentations[0], program.vocabulary);
      if (raw === undefined) continue;
      program.report.add("raw_path", atom.span, [action.type, raw.name], { hint: raw.hint });
      break;
    }
  }
}

/** Text of a parameter that names a file, and what to look at instead. */
function rawName(
  subject: StringExpr,
  call: Presentation | undefined,
  vocabulary: Vocabulary,
): { readonly name: string; readonly hint: string } | undefined {
  if (subject.kind !== "stringParam" && subject.kind !== "stringField") return undefined;
  const param = call?.params[subject.index - 1];
  const file = `PATH[${subject.index}]`;
  if (subject.kind === "stringField") {
    if (param?.address === undefined || subject.field !== "sun_path") return undefined;
    const name = `PARAMS[${subject.index}].sun_path`;
    const hint = `${file} is the file of the socket itself, or "@name": \`./socket\` in /run gets past ${name}`;
    return { name, hint };
  }
  if (param?.type.kind !== "path") return undefined;
  const name = `PARAMS[${subject.index}]`;
  const otherwise = `however its name is written: \`./passwd\` in /etc gets past ${name}`;
  return {
    name,
    hint: vocabulary.knowledge(call?.as ?? "").isFileUnseen
      ? `under \`sct run\`, ${file} is the file itself, ${otherwise}; system-wide, no security hook receives the file of this call: a rule there has to deny the call by its caller`
      : `${file} is the file itself, ${otherwise}`,
  };
}

/** For each call, the names whose variants cover it; made once for a vocabulary. */
const coverage = new WeakMap<Vocabulary, ReadonlyMap<string, readonly string[]>>();

function coveredBy(vocabulary: Vocabulary): ReadonlyMap<string, readonly string[]> {
  const known = coverage.get(vocabulary);
  if (known) return known;
  const table = new Map<string, string[]>();
  for (const name of vocabulary.callNames) {
    const calls = new Set(vocabulary.presentations(name, "variants")?.map(({ call }) => call));
    for (const call of calls) {
      const names = table.get(call);
      if (names) names.push(name);
      else table.set(call, [name]);
    }
  }
  coverage.set(vocabulary, table);
  return table;
}

/** Returns whether there was something to say, as those below. */
function warnOtherWay(program: RuleProgram, { rule, match, calls }: RuleResult): boolean {
  if (!rule.actions.some(({ type }) => PREVENTING.includes(type))) return false;
  const { vocabulary } = program;
  const covered = new Set(
    rule.targets.flatMap(({ presentations }) => presentations.map((p) => p.call)),
  );
  const warned = new Set<string>();
  for (const { scope, source } of calls) {
    if (scope.fromClass) continue;
    const { name } = scope;
    // Names that stand for the same operation: the name itself, and those whose variants hold it.
    const wider = (coveredBy(vocabulary).get(name) ?? []).filter((other) => other !== name);
    const others = new Set<string>();
    for (const operation of [name, ...wider]) {
      for (const { call } of vocabulary.presentations(operation, "variants") ?? []) {
        if (!covered.has(call)) others.add(call);
      }
    }
    if (others.size === 0 || warned.has(name)) continue;
    warned.add(name);
    const names = [...others].slice(0, 6).map((other) => `\`${other}\``);
    const hint =
      match === "exact"
        ? `without \`syscall_match = exact\` the rule covers ${wider.length > 0 ? "more of them" : "them too"}`
        : `\`syscall_name = ${wider[0] ?? name}\` covers them too`;
    program.report.add("other_way", source.span, [name, names.join(", ")], { hint });
  }
  return warned.size > 0;
}

/** All calls that some rule prevents, whatever its filter. */
function callsPrevented(results: readonly RuleResult[]): ReadonlySet<string> {
  const rules = results.map(({ rule }) => rule).filter(prevents);
  const targets = rules.flatMap(({ targets: all }) => all);
  return new Set(targets.flatMap((target) => target.presentations.map(({ call }) => call)));
}

function prevents({ actions, when }: RuleResult["rule"]): boolean {
  return when === "before" && actions.some(({ type }) => PREVENTING.includes(type));
}

/** Longest text of a rule to paste, in characters: one with more paths is left to `sct check --explain`. */
const LONGEST_RULE = 1000;

/** Mounts that get around a rule on files, with rules that close them. */
function warnLeftOpen(
  program: RuleProgram,
  result: RuleResult,
  prevented: ReadonlySet<string>,
): void {
  const filter = filterOf(result);
  const ways = leftOpenBy(result.rule, program.vocabulary, prevented);
  if (filter === undefined || ways.length === 0) return;
  const action = result.rule.actions.find(({ type }) => PREVENTING.includes(type));
  const rules = new Set(ways.flatMap((way) => way.rules));
  const paste = [...rules].filter((text) => text.length <= LONGEST_RULE);
  const more = paste.length === rules.size ? "" : " (`sct check --explain` has longer ones, too)";
  program.report.add(
    "left_open",
    filter.value.span,
    [action?.type ?? "", ways.map(({ way }) => way).join("; ")],
    {
      hint: `these rules close that${more}; add who may mount: services with private mounts do`,
      paste,
    },
  );
}

/** Operations with another name that come to the same, unless rules deny them as well. */
function warnOtherOperation(
  program: RuleProgram,
  { rule, calls }: RuleResult,
  prevented: ReadonlySet<string>,
): boolean {
  if (!prevents(rule)) return false;
  for (const { scope, source } of calls) {
    const ways = program.vocabulary.knowledge(scope.name).otherWays;
    const others = ways?.others.filter((other) => !prevented.has(other)) ?? [];
    if (scope.fromClass || ways === undefined || others.length === 0) continue;
    const { condition, hint } = onSockets(scope.name, rule, ways) ?? ways;
    const list = others.map((other) => `\`${other}\``).join(", ");
    const text = condition === undefined ? list : `${list} ${condition}`;
    program.report.add("other_way", source.span, [scope.name, text], { hint });
    return true;
  }
  return false;
}

/** A rule on the files of unix sockets is about sending without a connection, not about TCP. */
function onSockets(
  name: string,
  { targets }: RuleResult["rule"],
  { ofSockets }: OtherWays,
): OtherWays["ofSockets"] {
  const filter = targets.find((target) => target.name === name)?.filter;
  if (filter === undefined) return undefined;
  return atoms(filter).some(isOfFile) ? ofSockets : undefined;
}

/** Calls that the kernel's vDSO answers without a call: no engine sees them. */
function warnWithoutKernel(program: RuleProgram, { calls }: RuleResult): void {
  for (const { scope, source } of calls) {
    const since = program.vocabulary.knowledge(scope.name).withoutKernel;
    if (scope.fromClass || since === undefined) continue;
    program.report.add("without_kernel", source.span, [scope.name, since], {
      hint: "the C library asks the vDSO, memory of the program; no engine can see that",
    });
    return;
  }
}

/** A file that is protected by PATH from a call that another one does to its descriptor. */
function warnDescriptor(program: RuleProgram, { rule, calls }: RuleResult): boolean {
  if (!rule.actions.some(({ type }) => type === "FAIL" || type === "KILL")) return false;
  if (rule.when === "after") return false;
  const names = new Set(rule.targets.map(({ name }) => name));
  // a process that cannot open the file has no descriptor of it
  if (names.has("open")) return false;
  const warned = new Set<string>();
  for (const { scope, source } of calls) {
    const { byDescriptor = [] } = program.vocabulary.knowledge(scope.name);
    const others = byDescriptor.filter((other) => !names.has(other));
    const target = rule.targets.find(({ name }) => name === scope.name);
    if (scope.fromClass || others.length === 0 || warned.has(scope.name)) continue;
    if (target?.filter === undefined || !atoms(target.filter).some(isOfFile)) continue;
    warned.add(scope.name);
    const list = others.map((other) => `\`${other}\``).join(", ");
    program.report.add("other_way", source.span, [scope.name, list], {
      hint: "a rule on `open` with the same PATH leaves nobody a descriptor of the file",
    });
  }
  return warned.size > 0;
}

function isOfFile(atom: BoolExpr): boolean {
  return "subject" in atom && atom.subject.kind === "pathOf";
}
