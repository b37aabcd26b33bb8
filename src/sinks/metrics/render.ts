/** All metrics of the service. docs/configuration.md lists them. */
import { SEVERITIES } from "../config/outputs.ts";
import type { OutputCounters } from "../output.ts";
import { Exposition } from "./exposition.ts";
import type { CountMetric, MetricsSnapshot, RuleMetrics } from "./snapshot.ts";

const NONE = {};

/** The body of an answer to GET /metrics. */
export function renderMetrics(snapshot: MetricsSnapshot): string {
  const out = new Exposition();
  const { version, startedAtMs, generation, recursionMisses, readerDropped } = snapshot;
  const one = (value: number | undefined) => [[NONE, value]] as const;
  out.family("build_info", "gauge", "Version of the service.", [[{ version }, 1]]);
  out.family("start_time_seconds", "gauge", "When the service started.", one(startedAtMs / 1000));
  out.family("generation", "gauge", "Number of the rule set in force.", one(generation));
  renderRules(out, snapshot.rules);
  renderCounts(out, snapshot.counts ?? []);
  const skipped = "Program runs that the kernel skipped.";
  out.family("recursion_misses_total", "counter", skipped, one(recursionMisses));
  const { measured, forgottenCounts } = snapshot;
  const forgotten = "Counts of rules that began again: more values than are kept.";
  out.family("forgotten_counts_total", "counter", forgotten, one(forgottenCounts));
  const seconds = measured === undefined ? undefined : measured.ns / 1e9;
  out.family("kernel_seconds_total", "counter", "Time in all programs.", one(seconds));
  out.family("kernel_runs_total", "counter", "Runs that were measured.", one(measured?.runs));
  const behind = "Events that the service threw away because it fell behind.";
  out.family("reader_dropped_events_total", "counter", behind, one(readerDropped));
  const { ring, history } = snapshot;
  out.family("ring_size_bytes", "gauge", "Size of the kernel's buffer.", one(ring?.sizeBytes));
  out.family("ring_used_bytes", "gauge", "What waits in it.", one(ring?.usedBytes));
  out.family("history_size_bytes", "gauge", "Size of the history.", one(history?.sizeBytes));
  out.family("history_limit_bytes", "gauge", "What it may have.", one(history?.maxBytes));
  renderOutputs(out, snapshot.outputs);
  renderProcess(out);
  return out.toString();
}

function renderRules(out: Exposition, rules: readonly RuleMetrics[]): void {
  const add = (name: string, help: string, value: (rule: RuleMetrics) => number | undefined) => {
    const samples = rules.map((rule) => [labelsOf(rule), value(rule)] as const);
    out.family(`rule_${name}_total`, "counter", help, samples);
  };
  add("hits", "Calls that matched the rule.", ({ matched }) => matched);
  add("events", "Events that went into the kernel's buffer.", ({ delivered }) => delivered);
  add("dropped", "Events lost because the buffer was full.", ({ dropped }) => dropped);
  add(
    "missed",
    "Calls that could not be evaluated, or whose process could not be signalled.",
    ({ missed }) => missed,
  );
  add("unreadable", "Calls decided by on_unreadable.", ({ unreadable }) => unreadable);
  add("limited", "Matches not reported because of the rule's limit.", ({ limited }) => limited);
  add("throttled", "Events held back by the service.", ({ throttled }) => throttled);
  const seconds = (ns: number | undefined) => (ns === undefined ? undefined : ns / 1e9);
  const own = "Time in programs that work for the rule alone, as far as it was measured.";
  add("kernel_seconds", own, ({ kernelNs }) => seconds(kernelNs));
  const shared = "The same of programs that work for others, too; whole for each rule.";
  add("shared_kernel_seconds", shared, ({ sharedKernelNs }) => seconds(sharedKernelNs));
}

/** Of COUNT. Sums of results can fall: they are no counters. */
function renderCounts(out: Exposition, counts: readonly CountMetric[]): void {
  const calls = counts.map((one) => [{ rule: one.rule, key: one.key }, one.calls] as const);
  out.family("rule_counted_calls_total", "counter", "Calls that COUNT has counted.", calls);
  const measured = counts.flatMap(({ rule, key, measured: all }) =>
    all.map((one) => ({ ...one, labels: { rule, key, of: one.of } })),
  );
  const sums = measured.map(({ labels, total }) => [labels, total] as const);
  out.family("rule_counted_sum", "gauge", "Sum of a number of these calls.", sums);
  const buckets = measured.flatMap(({ labels, buckets: all = [] }) =>
    all.map(([le, count]) => [{ ...labels, le }, count] as const),
  );
  const help = "Calls whose number is at most le.";
  out.family("rule_counted_bucket", "counter", help, buckets);
}

/** A label without a value is none. */
function labelsOf({ rule, priority, tags = [] }: RuleMetrics): Record<string, string> {
  return {
    rule,
    ...(priority === undefined ? {} : { priority: SEVERITIES[priority] ?? String(priority) }),
    ...(tags.length === 0 ? {} : { tags: tags.join(",") }),
  };
}

function renderOutputs(out: Exposition, outputs: readonly OutputCounters[]): void {
  const add = (
    name: string,
    type: "counter" | "gauge",
    help: string,
    value: (output: OutputCounters) => number,
  ) => {
    const samples = outputs.map((output) => {
      return [{ output: output.name, type: output.type }, value(output)] as const;
    });
    out.family(`output_${name}`, type, help, samples);
  };
  add("delivered_total", "counter", "Events handed over.", ({ delivered }) => delivered);
  add("lost_total", "counter", "Events the output had to give up.", ({ lost }) => lost);
  add("failures_total", "counter", "Attempts that failed.", ({ failures }) => failures);
  add("queued", "gauge", "Events that wait.", ({ queued }) => queued);
  add("queued_bytes", "gauge", "What they take.", ({ queuedBytes }) => queuedBytes);
  add("up", "gauge", "1 unless the last attempt failed.", ({ problem }) =>
    problem === undefined ? 1 : 0,
  );
}

function renderProcess(out: Exposition): void {
  const { rss } = process.memoryUsage();
  const { user, system } = process.cpuUsage();
  out.family("resident_memory_bytes", "gauge", "Memory of the service.", [[NONE, rss]]);
  const cpu = (user + system) / 1e6;
  out.family("cpu_seconds_total", "counter", "Processor time of the service.", [[NONE, cpu]]);
}
