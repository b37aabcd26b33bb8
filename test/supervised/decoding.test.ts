/** A program's calls, as sctrace and as strace print them: the same lines, whatever -v, -x, -X and -y ask for. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";

const STRACE = "/usr/bin/strace";
const SCTRACE = fileURLToPath(new URL("../../bin/sctrace", import.meta.url));
const SOURCE = fileURLToPath(new URL("../programs/decoded-calls.c", import.meta.url));
/** The program's first call; those before are the loader's. */
const FIRST = "getpriority(";
const folder = mkdtempSync(join(tmpdir(), "calls-"));
const program = join(folder, "calls");
after(() => rmSync(folder, { recursive: true }));

/** Addresses, times, numbers of processes, inodes and objects of System V are others in each run. */
function blank(text: string): readonly string[] {
  const lines = text.split("\n");
  const first = lines.findIndex((line) => line.startsWith(FIRST));
  assert.ok(first >= 0, `no ${FIRST} in ${text}`);
  return lines.slice(first).map((line) => {
    const same = line
      .replace(/0x[57][0-9a-f]{11}\b/g, "ADDRESS")
      .replace(/^((?:wait4|clone|fork|vfork)\(.*) = \d+$/, "$1 = PID")
      .replace(/\[\d{4,}(?=[\],-])/g, "[INODE")
      .replace(/->\d+(?=[\],])/g, "->INODE")
      .replace(/(127\.0\.0\.1|\[::1\]):\d+/g, "$1:PORT")
      .replace(
        /sin_port=(?:htons\(\d+\)|"(?:\\x..){2}"(?: \/\* htons\(\d+\) \*\/)?)/,
        "sin_port=PORT",
      )
      .replace(/\b(ROUTE:|pid:|pidfd_open\()\d+/g, "$1N")
      .replace(/^getpid\(\) .*/, "getpid()")
      .replace(/^((?:shm|sem|msg)\w+\()\d+(?=, )/, "$1ID")
      .replace(/^((?:shm|sem|msg)(?:get|ctl)\(.*) = \d+$/, "$1 = ID")
      .replace(/(_ctime|_cpid|_l[sr]pid)=\d+/g, "$1=N");
    // how far the result is from the call follows from how long they are
    return same === line ? line : same.replace(/ +(?== )/, " ");
  });
}

function trace(tracer: string, options: readonly string[]): readonly string[] {
  const file = join(folder, "trace");
  execFileSync(tracer, [...options, "-o", file, program], { stdio: "ignore" });
  return blank(readFileSync(file, "utf8"));
}

const variants = [
  [],
  ["-v"],
  ["-x"],
  ["-xx", "-s", "5"],
  ["-X", "verbose"],
  ["-X", "raw"],
  ["-y"],
  ["-yy"],
];

for (const options of variants) {
  test(`decoding prints what strace prints: ${options.join(" ") || "no options"}`, {
    skip: existsSync(STRACE) ? false : "no strace here",
  }, () => {
    if (!existsSync(program)) execFileSync("gcc", ["-w", "-O0", "-o", program, SOURCE]);
    const expected = trace(STRACE, options);
    assert.ok(expected.length > 100);
    assert.deepEqual(trace(SCTRACE, options), expected);
  });
}
