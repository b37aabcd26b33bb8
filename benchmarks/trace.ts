/**
 * `node benchmarks/trace.ts [--rounds 5]`: the same work without a trace, under strace and under sctrace, in turn; prints a
 * table of Markdown for docs/trace.md. Build first (`npm run build`). Needs strace, gcc, find and make.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { alternate, median } from "./statistics.ts";
import { formatNs, formatRatio, formatTable } from "./table.ts";

const { values } = parseArgs({ options: { rounds: { type: "string", default: "5" } } });
const sctrace = fileURLToPath(new URL("../bin/sctrace", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "sct-bench-"));

const CALLS = 1_000_000;
const LOOP = `#include <sys/syscall.h>
#include <unistd.h>
int main(void) { for (int i = 0; i < ${CALLS}; i++) syscall(SYS_getppid); return 0; }
`;
const SOURCE = '#include <stdio.h>\nint main(void) { return puts("made") < 0; }\n';
const MAKEFILE = "all: a b c d e f\na b c d e f: one.c\n\tgcc -O2 -o $@ one.c\n";

writeFileSync(join(folder, "loop.c"), LOOP);
writeFileSync(join(folder, "one.c"), SOURCE);
writeFileSync(join(folder, "Makefile"), MAKEFILE);
execFileSync("gcc", ["-O1", "-o", "loop", "loop.c"], { cwd: folder });

interface Work {
  readonly title: string;
  readonly options: readonly string[];
  readonly command: readonly string[];
}

const WORKS: readonly Work[] = [
  {
    title: "find, all calls",
    options: ["-f"],
    command: ["find", "/usr/share/doc", "/usr/share/man", "/usr/lib", "-name", "x"],
  },
  { title: "a compile, all calls", options: ["-f"], command: ["gcc", "-O2", "-o", "one", "one.c"] },
  {
    title: "openat of a build, --seccomp-bpf",
    options: ["-f", "--seccomp-bpf", "-e", "trace=openat"],
    command: ["make", "-B", "-s"],
  },
  { title: "1 M getppid", options: [], command: ["./loop"] },
];

/** Nanoseconds from start to end. */
function timed([program = "", ...args]: readonly string[]): number {
  const start = process.hrtime.bigint();
  const { status, error } = spawnSync(program, args, { cwd: folder, stdio: "ignore" });
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(`${program} ${args.join(" ")} has ended with ${status}`);
  return Number(process.hrtime.bigint() - start);
}

try {
  const rows: string[][] = [];
  for (const { title, options, command } of WORKS) {
    const tail = ["-o", "trace", ...options, ...command];
    const contenders = [command, ["strace", ...tail], [sctrace, ...tail]];
    const times = await alternate(Number(values.rounds), contenders, async (one) => timed(one));
    const [bare = 0, strace = 0, ours = 0] = times.map(median);
    rows.push([
      title,
      formatNs(bare),
      formatNs(strace),
      formatNs(ours),
      formatRatio(ours / strace),
    ]);
  }
  console.log(formatTable(["work", "no trace", "strace", "sctrace", "of strace"], rows));
} finally {
  rmSync(folder, { recursive: true });
}
