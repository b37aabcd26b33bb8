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
  if (recording.count > 0) fail(selector, "no", 0, recording, assertNoSyscalls);
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
    fail(selector, wanted, expected, recording, assertSyscalls);
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

function fail(
  selector: Selector,
  wanted: string,
  expected: unknown,
  { events, count }: Recording<unknown>,
  stackStartFn: (...args: never[]) => unknown,
): never {
  const what = typeof selector === "string" ? `of ${selector}` : "that the rules name";
  const lines = events.slice(0, MOST_SHOWN).map(({ message, syscall }) => message ?? syscall);
  const more = count > lines.length ? [`… and ${count - lines.length} more`] : [];
  const text = [`Expected ${wanted} system calls ${what}, got ${count}`, ...lines, ...more];
  throw new AssertionError({
    message: text.join("\n  "),
    actual: count,
    expected,
    operator: stackStartFn.name,
    stackStartFn: stackStartFn as () => void,
  });
}
