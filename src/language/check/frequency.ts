/** How often a rule reports, and which of the calls that match it takes for its own. */
import { isVariable, macroOf, type VariableName, variableNames } from "../../variables/index.ts";
import type { EntryOf, Name, NumberLiteral, RuleEntry } from "../ast.ts";
import type { Frequency, Limit, Occurrence } from "../checked/index.ts";
import { decodeDuration } from "../parse/literals.ts";
import { didYouMean } from "../suggest.ts";
import type { RuleProgram } from "./context.ts";

const MOST = 0xffff_ffffn;

interface Entries {
  get<K extends RuleEntry["kind"]>(kind: K): EntryOf<K> | undefined;
}

/** Undefined: each call that matches. */
export function checkFrequency(program: RuleProgram, entries: Entries): Frequency | undefined {
  const given = (["occurrence", "threshold", "chance"] as const).flatMap(
    (kind) => entries.get(kind) ?? [],
  );
  const [first] = given;
  if (first === undefined) return undefined;
  const occurrence = checkOccurrence(program, entries.get("occurrence"));
  const threshold = checkLimit(program, entries.get("threshold"), "bad_count");
  const chance = checkChance(program, entries.get("chance"));
  return {
    ...(occurrence ? { occurrence } : {}),
    ...(threshold ? { threshold } : {}),
    ...(chance === undefined ? {} : { chance }),
    span: first.span,
  };
}

/** `code`: what a count that is none is called. */
export function checkLimit(
  program: RuleProgram,
  entry: EntryOf<"limit" | "threshold"> | undefined,
  code: "bad_limit" | "bad_count",
): Limit | undefined {
  if (!entry) return undefined;
  const { period, span } = entry;
  const periodNs = decodeDuration(period.text, true);
  if (periodNs === undefined) {
    program.report.add("bad_duration", period.span, [period.text], {
      expected: "`s`, `min`, `h`, `10s` …",
    });
  }
  const count = checkCount(program, entry.count, code);
  const key = checkKey(program, entry.per);
  if (count === undefined || key === undefined || periodNs === undefined) return undefined;
  return { count, periodNs, ...key, span };
}

function checkOccurrence(
  program: RuleProgram,
  entry: EntryOf<"occurrence"> | undefined,
): Occurrence | undefined {
  if (!entry) return undefined;
  const { more } = entry;
  const first = checkCount(program, entry.first, "bad_count");
  const second =
    more === undefined || more.kind === "open" ? 1 : checkCount(program, more.value, "bad_count");
  const key = checkKey(program, entry.per);
  if (first === undefined || second === undefined || key === undefined) return undefined;
  if (more?.kind === "last" && second < first) {
    program.report.add("bad_range", entry.span, []);
    return undefined;
  }
  const { span } = entry;
  if (more === undefined) return { first, last: first, step: 1, ...key, span };
  if (more.kind === "last") return { first, last: second, step: 1, ...key, span };
  return { first, step: second, ...key, span };
}

function checkChance(
  program: RuleProgram,
  entry: EntryOf<"chance"> | undefined,
): number | undefined {
  if (!entry) return undefined;
  const { text, span } = entry.percent;
  const percent = /^\d+(\.\d+)?$/.test(text) ? Number(text) : 0;
  if (percent > 0 && percent <= 100) return percent / 100;
  program.report.add("bad_chance", span, [text], { expected: "more than 0%, 100% at most" });
  return undefined;
}

function checkCount(
  program: RuleProgram,
  { value, text, span }: NumberLiteral,
  code: "bad_limit" | "bad_count",
): number | undefined {
  if (value >= 1n && value <= MOST) return Number(value);
  program.report.add(code, span, [text], { expected: `1 to ${MOST}` });
  return undefined;
}

/** Undefined: it is wrong, and reported. */
function checkKey(
  program: RuleProgram,
  per: Name | undefined,
): { readonly per?: VariableName } | undefined {
  if (per === undefined) return {};
  const key = per.text.toUpperCase();
  if (isVariable(key)) return { per: key };
  program.report.add("bad_limit_key", per.span, [per.text], {
    expected: "a variable such as `uid` or `comm`",
    ...didYouMean(per.text, variableNames.map(macroOf)),
  });
  return undefined;
}
