/**
 * What `sct run` costs, against nothing and against `strace -f --seccomp-bpf`, in one run:
 *
 *   node benchmarks/supervised.ts [--rounds N] [--write]     --write: into docs/benchmarks-run.md
 *
 * Times are those of a loop of calls as the program's own clock says; the table has the median of all
 * rounds and its ratio to strace. Rounds alternate between the candidates, so that what else the machine does hits all of them.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { readOptions } from "../scripts/options.ts";
import { describeLoad, describeMachine } from "./machine.ts";
import { buildPackage } from "./package.ts";
import { measurePolicies } from "./parts/policies.ts";
import { median } from "./statistics.ts";
import { formatTable } from "./table.ts";
import { TWENTY_RULES, type Workload, workloads } from "./workloads.ts";

const USAGE = `Usage: node benchmarks/supervised.ts [--rounds N] [--write]
Measure sct run beside strace and print the tables; --write puts them into docs/benchmarks-run.md.`;
const RESULTS = new URL("../docs/benchmarks-run.md", import.meta.url);
const SOURCE = fileURLToPath(new URL("../test/programs/calls.c", import.meta.url));
const { values: options } = readOptions(USAGE, {
  rounds: { type: "string", default: "5" },
  write: { type: "boolean", default: false },
});
const ROUNDS = Number(options.rounds);
const SCT = buildPackage();
/** Calls of one measurement: enough for V8 to have compiled what it runs, as in any command that lasts. */
const MANY = 200_000;
const FEW = 1_000;
const UNLINKAT = ["263", "-100", "@./no/such/file", "0"];
const GETPPID = ["110"];

const directory = mkdtempSync(join(tmpdir(), "sct-bench-"));
const calls = join(directory, "calls");

interface Candidate {
  readonly name: string;
  /** Before the program. */
  readonly command: readonly string[];
  readonly count: number;
  readonly call: readonly string[];
}

function sct(rule: string): readonly string[] {
  return [SCT, "run", "-o", "/dev/null", "-e", rule, "--"];
}

const LOG = "rule { syscall_name = unlink action { type = LOG } }";
const LOG_AFTER = LOG.replace("action", "when = after action");
const STRACE = ["strace", "-f", "--seccomp-bpf", "-e", "trace=unlinkat", "-o", "/dev/null"];
const STRACE_CLASSES = STRACE.with(4, "trace=file,network");

const groups: readonly { readonly title: string; readonly candidates: readonly Candidate[] }[] = [
  {
    title: `a call that a rule matches, of ${MANY}`,
    candidates: [
      matched("strace --seccomp-bpf", STRACE, MANY),
      matched("bare", [], 200_000),
      matched("LOG before (notification)", sct(LOG), MANY),
      matched("LOG after (ptrace)", sct(LOG_AFTER), MANY),
      matched(
        "FAIL by PATH (notification)",
        sct(
          'rule { syscall_name = unlink filter_expression { PATH endswith "/file" } action { type = FAIL error_code = EPERM } }',
        ),
        MANY,
      ),
      matched(
        "FAIL (in the filter)",
        sct("rule { syscall_name = unlink action { type = FAIL error_code = EPERM } }"),
        200_000,
      ),
      matched(
        "LOG if flags, which do not match",
        sct(
          "rule { syscall_name = unlinkat filter_expression { PARAMS[3] == 1 } action { type = LOG } }",
        ),
        200_000,
      ),
    ],
  },
  {
    title: `the same, of only ${FEW} right after the start`,
    candidates: [
      matched("strace --seccomp-bpf", STRACE, FEW),
      matched("LOG before (notification)", sct(LOG), FEW),
      matched("LOG after (ptrace)", sct(LOG_AFTER), FEW),
    ],
  },
  {
    title: "a call that no rule names",
    candidates: [
      unnamed("strace --seccomp-bpf", STRACE),
      unnamed("bare", []),
      unnamed("notification", sct(LOG)),
      unnamed("ptrace", sct(LOG_AFTER)),
    ],
  },
];

function matched(name: string, command: readonly string[], count: number): Candidate {
  return { name, command, count, call: UNLINKAT };
}

function unnamed(name: string, command: readonly string[]): Candidate {
  return { name, command, count: 500_000, call: GETPPID };
}

function timeMs(command: readonly string[], cwd = directory): number {
  const [file = "", ...args] = command;
  const start = performance.now();
  const { error, status } = spawnSync(file, args, { stdio: "ignore", cwd });
  if (error !== undefined) throw error;
  if (cwd !== directory && status !== 0) throw new Error(`${command.join(" ")}: status ${status}`);
  return performance.now() - start;
}

/** Nanoseconds of one call; the program looks at the clock itself, so that no start is measured. */
function measure({ command, count, call }: Candidate): number {
  const [file = "", ...args] = [...command, calls, "time", String(count), ...call];
  const { error, stdout } = spawnSync(file, args, { cwd: directory, encoding: "utf8" });
  if (error !== undefined) throw error;
  return Number(stdout) / count;
}

function build(): void {
  const flags = ["-O1", "-nostdlib", "-static", "-no-pie", "-fno-pie", "-fno-stack-protector"];
  const { status, stderr } = spawnSync("gcc", [...flags, "-o", calls, SOURCE]);
  if (status !== 0) throw new Error(`gcc: ${stderr}`);
}

function measureGroup(title: string, candidates: readonly Candidate[]): string {
  const results = candidates.map((): number[] => []);
  for (let round = 0; round < ROUNDS; round++)
    for (const [i, candidate] of candidates.entries()) results[i]?.push(measure(candidate));
  const reference = median(results[0] ?? []);
  const rows = candidates.map(({ name }, i) => {
    const value = median(results[i] ?? []);
    return [name, value.toFixed(0), (value / reference).toFixed(2)];
  });
  return formatTable([title, "ns", "of strace"], rows);
}

function measureWorkload(workload: Workload): string {
  const after = "rule { syscall_name = rmdir when = after action { type = LOG } }";
  const ways: readonly (readonly [name: string, before: readonly string[]])[] = [
    ["bare", []],
    ["20 rules (notification)", sct(TWENTY_RULES)],
    ["20 rules and one after (ptrace)", sct(`${TWENTY_RULES}\n${after}`)],
    ["strace --seccomp-bpf, same classes", [...STRACE_CLASSES]],
  ];
  const results = ways.map((): number[] => []);
  for (let round = 0; round < ROUNDS; round++) {
    for (const [i, [, before]] of ways.entries()) {
      workload.clean();
      results[i]?.push(timeMs([...before, ...workload.command], workload.directory));
    }
  }
  const bare = median(results[0] ?? []);
  const rows = ways.map(([name], i) => {
    const value = median(results[i] ?? []);
    return [name, value.toFixed(0), (value / bare).toFixed(2)];
  });
  return formatTable([workload.name, "ms", "of bare"], rows);
}

build();
const loadBefore = describeLoad();
const commands = [["node", "-e", "0"].with(0, process.execPath), [...sct(LOG), "true"]];
const starts = commands.map((): number[] => []);
for (let round = 0; round < 4 * ROUNDS; round++)
  for (const [i, command] of commands.entries()) starts[i]?.push(timeMs(command));
const [node = 0, run = 0] = starts.map((times) => median(times));
const builds = workloads(directory);
const tables = [
  formatTable(
    ["start", "ms"],
    [
      ["node -e 0", node.toFixed(0)],
      ["sct run -- true", run.toFixed(0)],
    ],
  ),
  ...groups.map(({ title, candidates }) => measureGroup(title, candidates)),
  ...builds.map(measureWorkload),
  ...builds.slice(0, 1).map((build) => measurePolicies(SCT, build, 3 * ROUNDS)),
];
const page = `# Benchmarks of \`sct run\`

This page shows what \`sct run\` costs, beside strace. This command made it:

\`\`\`
node benchmarks/supervised.ts --write
\`\`\`

It measures ${ROUNDS} rounds in turn (A B C A B C …) and shows medians. Output is to /dev/null.

${[...describeMachine(), new Date().toISOString().slice(0, 10)].map((line) => `- ${line}`).join("\n")}
- Load average ${loadBefore} before and ${describeLoad()} after: other work shared the machine, so read ratios,
  not times.

The first calls of a run cost more, until V8 has compiled what they run. Builds and installations
decide on some 50,000 calls of many short processes. What they cost beside strace is mostly looking
up where each PATH leads.

${tables.join("\n\n")}
`;
process.stdout.write(page);
if (options.write) writeFileSync(RESULTS, page);
rmSync(directory, { recursive: true });
