/**
 * `npm run bench`: what watching costs, in one run on one machine: nothing, syscalltrack, strace, bpftrace,
 * perf trace in turn. Prints tables of Markdown; `--write` puts them into docs/benchmarks.md, `--rounds N` and
 * `--only calls,rules,throughput,loading` choose. Needs root and gcc.
 */
import { writeFileSync } from "node:fs";
import { readOptions } from "../scripts/options.ts";
import { describeLoad, describeMachine } from "./machine.ts";
import { measureCalls } from "./parts/calls.ts";
import { measureLoading } from "./parts/loading.ts";
import { measureRules } from "./parts/rules.ts";
import { measureThroughput } from "./parts/throughput.ts";
import { reportPage } from "./report.ts";

const RESULTS = new URL("../docs/benchmarks.md", import.meta.url);

const USAGE = `Usage: npm run bench [-- --write] [--rounds N] [--only calls,rules,throughput,loading]
Measure sct watch beside other tools and print the tables; --write puts them into docs/benchmarks.md. Needs root.`;

const { values } = readOptions(USAGE, {
  write: { type: "boolean", default: false },
  rounds: { type: "string", default: "3" },
  only: { type: "string", default: "calls,rules,throughput,loading" },
});

if (process.geteuid?.() !== 0) {
  console.error("The benchmarks load programs into the kernel: they need root");
  process.exit(3);
}

const rounds = Number(values.rounds);
const parts = new Set(values.only.split(","));
const loadBefore = describeLoad();
const tables = {
  calls: parts.has("calls") ? await measureCalls(rounds) : undefined,
  rules: parts.has("rules") ? await measureRules(rounds) : undefined,
  throughput: parts.has("throughput") ? await measureThroughput() : undefined,
  loading: parts.has("loading") ? await measureLoading(Math.min(rounds, 2)) : undefined,
};
const page = reportPage({
  tables,
  rounds,
  machine: describeMachine(),
  load: [loadBefore, describeLoad()],
});
console.log(page);
if (values.write) writeFileSync(RESULTS, page);
