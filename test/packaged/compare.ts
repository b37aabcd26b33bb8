/**
 * A program of the distribution as it runs without sct, then under rules that log and under rules that deny what it
 * never does: exit status and output must be the same.
 */
import assert from "node:assert/strict";
import { chmodSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { Place, type Result, SCT, users } from "../supervised/sct.ts";

export interface Program {
  readonly name: string;
  readonly command: readonly string[];
  /** What of its output is the same with every run; absent: nothing is. */
  readonly output?: (result: Result) => string;
  /** Puts into the directory what it works on. */
  readonly prepare?: (directory: string) => void;
}

const rulesIn = (name: string): readonly string[] => [
  "-f",
  fileURLToPath(new URL(name, import.meta.url)),
];

/** The first goes by ptrace, since rules look at results; the second by notification. */
const WAYS = [
  { name: "20 rules that log", options: rulesIn("log.conf") },
  { name: "rules that deny elsewhere", options: rulesIn("fail.conf") },
];

/** An ordinary user: servers and browsers want no other. */
const user = users.at(-1) ?? { name: "this user", uid: 0 };

/**
 * A test for each program. One that does not pass without sct is skipped, with its name and what it said. On CI `least`
 * of them must pass, so that a machine on which none runs does not look like one on which all do.
 */
export function testSame(programs: readonly Program[], least: number): void {
  const passed: string[] = [];
  const skipped: string[] = [];
  for (const program of programs) {
    test(`${program.name} runs the same under rules`, (t) => {
      const place = new Place(user);
      try {
        (runsTheSame(place, program, t) ? passed : skipped).push(program.name);
      } finally {
        place.remove();
      }
    });
  }
  test(`at least ${least} of ${programs.length} pass without sct`, (t) => {
    t.diagnostic(`${passed.length} the same, ${skipped.length} skipped: ${skipped.join(" ")}`);
    if (process.env["CI"] === undefined) return t.skip("only where all packages are installed");
    assert.ok(passed.length >= least, `${passed.length}; skipped: ${skipped.join(" ")}`);
  });
}

/** False: it does not pass without sct. */
function runsTheSame(place: Place, program: Program, t: TestContext): boolean {
  const bare = run(place, program, []);
  if (bare.status !== 0) {
    t.skip(`${program.name} does not pass without sct: ${describe(bare)}`);
    return false;
  }
  for (const { name, options } of WAYS) {
    const log = join(place.directory, "log");
    const under = run(place, program, [SCT, "run", ...options, "-o", log, "--"]);
    const said = `under ${name}: ${describe(under)}`;
    assert.deepEqual([under.status, under.signal], [bare.status, bare.signal], said);
    if (program.output !== undefined)
      assert.equal(program.output(under), program.output(bare), said);
  }
  return true;
}

/** In a directory of the same name each time, so that even paths in the output are the same. */
function run(place: Place, program: Program, prefix: readonly string[]): Result {
  const directory = join(place.directory, "work");
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory);
  program.prepare?.(directory);
  chmodSync(directory, 0o755);
  place.own(directory);
  return place.plain([...prefix, "env", "-C", directory, ...program.command]);
}

function describe({ status, signal, stdout, stderr }: Result): string {
  const end = `${stdout}${stderr}`.trimEnd().slice(-1000);
  return `status ${status ?? signal}: ${end === "" ? "no output" : end}`;
}
