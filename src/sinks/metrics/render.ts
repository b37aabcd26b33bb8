/** All metrics of the service. docs/configuration.md lists them. */
import { SEVERITIES } from "../config/outputs.ts";
import type { OutputCounters } from "../output.ts";
import { type MetricSample, renderFamily } from "./exposition.ts";
import type { CountMetric, MetricsSnapshot, RuleMetrics } from "./snapshot.ts";

const NONE = {};

/**
 * The body of an answer to GET /metrics, in pieces: with thousands of rules and counts it is too long to be written in one turn of
 * the event loop.
 */
export function* renderMetrics(snapshot: MetricsSnapshot): Generator<string> {
  const { version, startedAtMs, generation, recursionMisses, readerDropped } = snapshot;
  const one = (value: number | undefined): MetricSample[] => [[NONE, value]];
  yield* renderFamily("build_info", "gauge", "Version of the service.", [[{ version }, 1]]);
  yield* renderFamily(
    "start_time_seconds",
    "gauge",
    "When the service started.",
    one(startedAtMs / 1000),
  );
  yield* renderFamily("generation", "gauge", "Number of the rule set in force.", one(generation));
  yield* renderRules(snapshot.rules);
  yield* renderCounts(snapshot.counts ?? []);
  const skipped = "Program runs that the kernel skipped.";
  yield* renderFamily("recursion_misses_total", "counter", skipped, one(recursionMisses));
  const { measured, forgottenCounts } = snapshot;
  const forgotten = "Counts of rules that began again: more values than are kept.";
  yield* renderFamily("forgotten_counts_total", "counter", forgotten, one(forgottenCounts));
  const seconds = measured === undefined ? undefined : measured.ns / 1e9;
  yield* renderFamily("kernel_seconds_total", "counter", "Time in all programs.", one(seconds));
  yield* renderFamily(
    "kernel_runs_total",
    "counter",
    "Runs that were measured.",
    one(measured?.runs),
  );
  const behind = "Events that the service threw away because it fell behind.";
  yield* renderFamily("reader_dropped_events_total", "counter", behind, one(readerDropped));
  const { ring, history } = snapshot;
  yield* renderFamily(
    "ring_size_bytes",
    "gauge",
    "Size of the kernel's buffer.",
    one(ring?.sizeBytes),
  );
  yield* renderFamily("ring_used_bytes", "gauge", "What waits in it.", one(ring?.usedBytes));
  yield* renderFamily(
    "history_size_bytes",
    "gauge",
    "Size of the history.",
    one(history?.sizeBytes),
  );
  yield* renderFamily("history_limit_bytes", "gauge", "What it may have.", one(history?.maxBytes));
  yield* renderOutputs(snapshot.outputs);
  yield* renderProcess();
}

function* renderRules(rules: readonly RuleMetrics[]): Generator<string> {
  const add = (name: string, help: string, value: (rule: RuleMetrics) => number | undefined) => {
    const samples = each(rules, (rule): MetricSample => [labelsOf(rule), value(rule)]);
    return renderFamily(`rule_${name}_total`, "counter", help, samples);
  };
  yield* add("hits", "Calls that matched the rule.", ({ matched }) => matched);
  yield* add("events", "Events that went into the kernel's buffer.", ({ delivered }) => delivered);
  yield* add("dropped", "Events lost because the buffer was full.", ({ dropped }) => dropped);
  yield* add(
    "missed",
    "Calls that could not be evaluated, or whose process could not be signalled.",
    ({ missed }) => missed,
  );
  yield* add("unreadable", "Calls decided by on_unreadable.", ({ unreadable }) => unreadable);
  yield* add(
    "limited",
    "Matches not reported because of the rule's limit.",
    ({ limited }) => limited,
  );
  yield* add("throttled", "Events held back by the service.", ({ throttled }) => throttled);
  const seconds = (ns: number | undefined) => (ns === undefined ? undefined : ns / 1e9);
  const own = "Time in programs that work for the rule alone, as far as it was measured.";
  yield* add("kernel_seconds", own, ({ kernelNs }) => seconds(kernelNs));
  const shared = "The same of programs that work for others, too; whole for each rule.";
  yield* add("shared_kernel_seconds", shared, ({ sharedKernelNs }) => seconds(sharedKernelNs));
}

/** Of COUNT. Sums of results can fall: they are no counters. */
function* renderCounts(counts: readonly CountMetric[]): Generator<string> {
  const calls = each(counts, ({ rule, key, calls }): MetricSample => [{ rule, key }, calls]);
  yield* renderFamily(
    "rule_counted_calls_total",
    "counter",
    "Calls that COUNT has counted.",
    calls,
  );
  const sums = each(measuredOf(counts), ({ labels, total }): MetricSample => [labels, total]);
  yield* renderFamily("rule_counted_sum", "gauge", "Sum of a number of these calls.", sums);
  const help = "Calls whose number is at most le.";
  yield* renderFamily("rule_counted_bucket", "counter", help, bucketsOf(counts));
}

type Measured = CountMetric["measured"][number] & { readonly labels: Record<string, string> };

function* measuredOf(counts: readonly CountMetric[]): Generator<Measured> {
  for (const { rule, key, measured } of counts)
    for (const one of measured) yield { ...one, labels: { rule, key, of: one.of } };
}

function* bucketsOf(counts: readonly CountMetric[]): Generator<MetricSample> {
  for (const { labels, buckets = [] } of measuredOf(counts))
    for (const [le, calls] of buckets) yield [{ ...labels, le }, calls];
}

/** One after the other, when it is its turn. */
function* each<T>(all: Iterable<T>, sampleOf: (one: T) => MetricSample): Generator<MetricSample> {
  for (const one of all) yield sampleOf(one);
}

/** A label without a value is none. */
function labelsOf({ rule, priority, tags = [] }: RuleMetrics): Record<string, string> {
  return {
    rule,
    ...(priority === undefined ? {} : { priority: SEVERITIES[priority] ?? String(priority) }),
    ...(tags.length === 0 ? {} : { tags: tags.join(",") }),
  };
}

function* renderOutputs(outputs: readonly OutputCounters[]): Generator<string> {
  const add = (
    name: string,
    type: "counter" | "gauge",
    help: string,
    value: (output: OutputCounters) => number,
  ) => {
    const samples = outputs.map((output): MetricSample => {
      return [{ output: output.name, type: output.type }, value(output)];
    });
    return renderFamily(`output_${name}`, type, help, samples);
  };
  yield* add("delivered_total", "counter", "Events handed over.", ({ delivered }) => delivered);
  yield* add("lost_total", "counter", "Events the output had to give up.", ({ lost }) => lost);
  yield* add("failures_total", "counter", "Attempts that failed.", ({ failures }) => failures);
  yield* add("queued", "gauge", "Events that wait.", ({ queued }) => queued);
  yield* add("queued_bytes", "gauge", "What they take.", ({ queuedBytes }) => queuedBytes);
  yield* add("up", "gauge", "1 unless the last attempt failed.", ({ problem }) =>
    problem === undefined ? 1 : 0,
  );
}

function* renderProcess(): Generator<string> {
  const { rss } = process.memoryUsage();
  const { user, system } = process.cpuUsage();
  yield* renderFamily("resident_memory_bytes", "gauge", "Memory of the service.", [[NONE, rss]]);
  const cpu = (user + system) / 1e6;
  yield* renderFamily("cpu_seconds_total", "counter", "Processor time of the service.", [
    [NONE, cpu],
  ]);
}
