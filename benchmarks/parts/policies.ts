/** A build under policies: by Landlock alone, and with sct looking on. The command reads the clock itself, so that no start is measured. */
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { median } from "../statistics.ts";
import { formatTable } from "../table.ts";
import type { Workload } from "../workloads.ts";

const TIMED = 'TIMEFORMAT=%R; { time "$@" >/dev/null 2>&1; } 2>&1';

/** Everything that a build in `directory` needs, in names and folders. */
function policy(directory: string, more: string): string {
  return `# sct: allow policy_leaves_open
policy build {
  read { "/**" }
  write { "${directory}/**", "/tmp/**", "/dev/null", "/dev/tty" }
  ${more}
  otherwise = FAIL EACCES
}
`;
}

/** Medians of `rounds` in turn, and each of bare. */
export function measurePolicies(
  sct: string,
  { name, directory, command, clean }: Workload,
  rounds: number,
): string {
  const files = join(directory, "files.conf");
  const programs = join(directory, "programs.conf");
  writeFileSync(files, policy(directory, ""));
  writeFileSync(programs, policy(directory, 'execute { "/**" }'));
  const run = (file: string, ...options: readonly string[]) => [
    ...[sct, "run", "-o", "/dev/null", ...options, "-f", file, "--"],
  ];
  const ways: readonly (readonly [title: string, before: readonly string[]])[] = [
    ["bare", []],
    ["read and write, by Landlock alone (-q)", run(files, "-q")],
    ["read, write and execute (-q)", run(programs, "-q")],
    ["read, write and execute, with lines", run(programs)],
  ];
  const results = ways.map((): number[] => []);
  for (let round = 0; round < rounds; round++)
    for (const [i, [, before]] of ways.entries()) {
      clean();
      results[i]?.push(timedMs([...before, "bash", "-c", TIMED, "bash", ...command], directory));
    }
  const bare = median(results[0] ?? []);
  const rows = ways.map(([title], i) => {
    const value = median(results[i] ?? []);
    return [title, value.toFixed(0), (value / bare).toFixed(2)];
  });
  return formatTable([`${name}, under a policy, without the start of sct`, "ms", "of bare"], rows);
}

function timedMs([file = "", ...args]: readonly string[], cwd: string): number {
  const { status, stdout, stderr } = spawnSync(file, args, { cwd, encoding: "utf8" });
  const seconds = Number(stdout.trim());
  if (status !== 0 || !(seconds > 0)) throw new Error(`${file}: status ${status}: ${stderr}`);
  return seconds * 1000;
}
