/** Calls of a command or a function, of the names that a test asks for. */
import type { EngineCounters } from "../engines/engine.ts";
import type { SctEvent } from "../events/index.ts";
import { parseRules, type RunOptions, type RunResult, run } from "../library/index.ts";
import { RuleSet } from "../library/rule-set.ts";
import { recordFunction } from "./record-function.ts";

/** Events that are kept; all are counted. */
const MOST_EVENTS = 10_000;

/** Names and classes of calls separated by commas (`"@network"`, `"open, unlink"`), or rules that log. */
export type Selector = string | RuleSet;

/** A command with its arguments, or a function of this process. */
export type Subject<T> = readonly string[] | (() => T);

export interface RecordOptions extends Pick<RunOptions, "cwd" | "env" | "stdio" | "input"> {
  /** Only calls for which this expression holds: `'PATH startswith "/etc/"'`. */
  readonly filter?: string;
  /** `after`: results are recorded, too, and calls that never return are not. Default `before`. */
  readonly when?: "before" | "after";
}

export interface Recording<R> {
  /** What the function returned, or how the command ended. */
  readonly result: R;
  /** In order; the first 10,000. */
  readonly events: readonly SctEvent[];
  /** All of them. */
  readonly count: number;
}

/** Runs the subject and returns the selected system calls that it made. */
export function recordSyscalls(
  selector: Selector,
  command: readonly string[],
  options?: RecordOptions,
): Promise<Recording<RunResult>>;
export function recordSyscalls<T>(
  selector: Selector,
  body: () => T,
  options?: RecordOptions,
): Promise<Recording<Awaited<T>>>;
export function recordSyscalls<T>(
  selector: Selector,
  subject: Subject<T>,
  options?: RecordOptions,
): Promise<Recording<RunResult | Awaited<T>>>;
export async function recordSyscalls<T>(
  selector: Selector,
  subject: Subject<T>,
  options: RecordOptions = {},
): Promise<Recording<RunResult | Awaited<T>>> {
  const rules = selector instanceof RuleSet ? selector : ruleFor(selector, options);
  if (typeof subject === "function") {
    const { value, events, counters } = await recordFunction(rules, subject, MOST_EVENTS);
    return { result: value, events, count: matchesIn(counters) };
  }
  const { filter: _, when: __, ...runOptions } = options;
  const events: SctEvent[] = [];
  const result = await run(rules, subject, {
    stdio: "pipe",
    ...runOptions,
    onEvent: (event) => {
      if (events.length < MOST_EVENTS) events.push(event);
    },
  });
  return { result, events, count: matchesIn(result.counters) };
}

function ruleFor(names: string, { filter, when = "before" }: RecordOptions): RuleSet {
  const condition = filter === undefined ? "" : `filter_expression { ${filter} }\n  `;
  return parseRules(
    `rule {
  rule_name = recorded
  syscall_name = ${names}
  ${condition}when = ${when}
  action { type = LOG log_format {%comm[%pid] %sname(%params{symbolic})${when === "after" ? " = %retval %errname" : ""}} }
}`,
    { file: "selector" },
  );
}

function matchesIn({ rules }: EngineCounters): number {
  return rules.reduce((sum, { matched }) => sum + matched, 0);
}
