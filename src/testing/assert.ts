/** Assertions for any test runner: they throw node:assert's AssertionError. */
import { AssertionError } from "node:assert";
import type { RunResult } from "../library/index.ts";
import {
  type Recording,
  type RecordOptions,
  recordSyscalls,
  type Selector,
  type Subject,
} from "./record.ts";

/** Calls that a message names. */
const MOST_SHOWN = 20;

/** How many calls there may be. */
export interface Expected {
  readonly atLeast?: number;
  readonly atMost?: number;
}

/** Fails if the subject makes one of the calls; returns how the command ended, or what the function returned. */
export function assertNoSyscalls(
  selector: Selector,
  command: readonly string[],
  options?: RecordOptions,
): Promise<RunResult>;
export function assertNoSyscalls<T>(
  selector: Selector,
  body: () => T,
  options?: RecordOptions,
): Promise<Awaited<T>>;
export async function assertNoSyscalls<T>(
  selector: Selector,
  subject: Subject<T>,
  options?: RecordOptions,
): Promise<RunResult | Awaited<T>> {
  const recording = await recordSyscalls(selector, subject, options);
  if (recording.count > 0) {
    const more = entriesFor(subject, recording.result);
    fail(selector, "no", 0, { ...recording, more }, assertNoSyscalls);
  }
  return recording.result;
}

/** Fails unless the subject makes so many of the calls. */
export function assertSyscalls(
  selector: Selector,
  expected: number | Expected,
  command: readonly string[],
  options?: RecordOptions,
): Promise<RunResult>;
export function assertSyscalls<T>(
  selector: Selector,
  expected: number | Expected,
  body: () => T,
  options?: RecordOptions,
): Promise<Awaited<T>>;
export async function assertSyscalls<T>(
  selector: Selector,
  expected: number | Expected,
  subject: Subject<T>,
  options?: RecordOptions,
): Promise<RunResult | Awaited<T>> {
  const recording = await recordSyscalls(selector, subject, options);
  const { atLeast = 0, atMost = Number.POSITIVE_INFINITY } =
    typeof expected === "number" ? { atLeast: expected, atMost: expected } : expected;
  const { count } = recording;
  if (count < atLeast || count > atMost) {
    const wanted = typeof expected === "number" ? String(expected) : rangeText(expected);
    const more = entriesFor(subject, recording.result);
    fail(selector, wanted, expected, { ...recording, more }, assertSyscalls);
  }
  return recording.result;
}

function rangeText({ atLeast, atMost }: Expected): string {
  const parts = [
    ...(atLeast === undefined ? [] : [`at least ${atLeast}`]),
    ...(atMost === undefined ? [] : [`at most ${atMost}`]),
  ];
  return parts.join(" and ");
}

/** Of a command under a policy: what would allow the calls. */
function entriesFor<T>(subject: Subject<T>, result: unknown): readonly string[] {
  if (typeof subject === "function") return [];
  return (result as RunResult).policies.flatMap(({ policy, lists }) =>
    lists.flatMap(({ list, at, add }) =>
      add.length === 0
        ? []
        : [`to allow it, add to ${list} of ${policy} at ${at}: ${add.join(", ")}`],
    ),
  );
}

interface Failing extends Recording<unknown> {
  /** What would make it good. */
  readonly more: readonly string[];
}

function fail(
  selector: Selector,
  wanted: string,
  expected: unknown,
  { events, count, more }: Failing,
  stackStartFn: (...args: never[]) => unknown,
): never {
  const what = typeof selector === "string" ? `of ${selector}` : "that the rules name";
  const lines = events.slice(0, MOST_SHOWN).map(({ message, syscall }) => message ?? syscall);
  const left = count > lines.length ? [`… and ${count - lines.length} more`] : [];
  const text = [
    `Expected ${wanted} system calls ${what}, got ${count}`,
    ...lines,
    ...left,
    ...more,
  ];
  throw new AssertionError({
    message: text.join("\n  "),
    actual: count,
    expected,
    operator: stackStartFn.name,
    stackStartFn: stackStartFn as () => void,
  });
}
