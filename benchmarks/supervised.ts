/**
 * What `sct run` costs, against nothing and against `strace -f --seccomp-bpf`, in one run:
 *
 *   node benchmarks/supervised.ts [ROUNDS]
 *
 * Times are those of a loop of calls, without the start; the table has the median of all rounds and its ratio to
 * strace. Rounds alternate between the candidates, so that what else the machine does hits all of them.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const MAIN = fileURLToPath(new URL("../src/cli/main.ts", import.meta.url));
const SOURCE = fileURLToPath(new URL("../test/programs/calls.c", import.meta.url));
const ROUNDS = Number(process.argv[2] ?? 5);
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
  return [process.execPath, MAIN, "run", "-o", "/dev/null", "-e", rule, "--"];
}

const LOG = "rule { syscall_name = unlink action { type = LOG } }";
const STRACE = ["strace", "-f", "--seccomp-bpf", "-e", "trace=unlinkat", "-o", "/dev/null"];

const groups: readonly { readonly title: string; readonly candidates: readonly Candidate[] }[] = [
  {
    title: "a call that a rule matches (ns)",
    candidates: [
      matched("strace --seccomp-bpf", STRACE, 10_000),
      matched("bare", [], 200_000),
      matched("LOG before (notification)", sct(LOG), 10_000),
      matched("LOG after (ptrace)", sct(LOG.replace("action", "when = after action")), 10_000),
      matched(
        "FAIL by PATH (notification)",
        sct(
          'rule { syscall_name = unlink filter_expression { PATH endswith "/file" } action { type = FAIL error_code = EPERM } }',
        ),
        10_000,
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
    title: "a call that no rule names (ns)",
    candidates: [
      unnamed("strace --seccomp-bpf", STRACE),
      unnamed("bare", []),
      unnamed("notification", sct(LOG)),
      unnamed("ptrace", sct(LOG.replace("action", "when = after action"))),
    ],
  },
];

function matched(name: string, command: readonly string[], count: number): Candidate {
  return { name, command, count, call: UNLINKAT };
}

function unnamed(name: string, command: readonly string[]): Candidate {
  return { name, command, count: 500_000, call: GETPPID };
}

function timeMs(command: readonly string[]): number {
  const [file = "", ...args] = command;
  const start = performance.now();
  const { error } = spawnSync(file, args, { stdio: "ignore", cwd: directory });
  if (error !== undefined) throw error;
  return performance.now() - start;
}

/** Nanoseconds of one call: a long loop minus one of a single call. */
function measure({ command, count, call }: Candidate): number {
  const long = timeMs([...command, calls, "loop", String(count), ...call]);
  const short = timeMs([...command, calls, "loop", "1", ...call]);
  return ((long - short) * 1e6) / (count - 1);
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

function build(): void {
  const flags = ["-O1", "-nostdlib", "-static", "-no-pie", "-fno-pie", "-fno-stack-protector"];
  const { status, stderr } = spawnSync("gcc", [...flags, "-o", calls, SOURCE]);
  if (status !== 0) throw new Error(`gcc: ${stderr}`);
}

function printGroup(title: string, candidates: readonly Candidate[]): void {
  const results = new Map<string, number[]>(candidates.map(({ name }) => [name, []]));
  for (let round = 0; round < ROUNDS; round++)
    for (const candidate of candidates) results.get(candidate.name)?.push(measure(candidate));
  const reference = median(results.get("strace --seccomp-bpf") ?? []);
  process.stdout.write(`\n${title.padEnd(40)} median   to strace\n`);
  for (const [name, values] of results) {
    const value = median(values);
    const ratio = (value / reference).toFixed(3);
    process.stdout.write(
      `${name.padEnd(40)} ${value.toFixed(0).padStart(6)} ${ratio.padStart(11)}\n`,
    );
  }
}

build();
const starts = Array.from({ length: ROUNDS }, () => timeMs([...sct(LOG), "true"]));
process.stdout.write(`sct run -- true: ${median(starts).toFixed(0)} ms\n`);
for (const { title, candidates } of groups) printGroup(title, candidates);
rmSync(directory, { recursive: true });
