/**
 * `npm run test:mutants [-- ROOM…] [--part K/N]`: makes one line of the sources wrong at a time, in a copy, and runs the
 * tests of its room, which must fail. Part K of N takes every Nth mutant, so that runs can take turns.
 */
import { execFileSync, spawnSync } from "node:child_process";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { readOptions } from "../options.ts";
import type { Mutant, MutatedRoom } from "./mutant.ts";
import { rooms } from "./rooms.ts";

const USAGE = `Usage: npm run test:mutants [-- ROOM]... [--part K/N]
Make important lines wrong, one at a time, and see that the tests of their room notice. Rooms: ${rooms.map(({ name }) => name).join(", ")}.`;

/** A test that a mutant keeps from ending has noticed it. */
const TIMEOUT_MS = 120_000;

const REPORTER = fileURLToPath(new URL("first-failure.ts", import.meta.url));
const repository = fileURLToPath(new URL("../..", import.meta.url));
const { values, positionals } = readOptions(
  USAGE,
  { part: { type: "string", default: "1/1" } },
  99,
);
const names: readonly string[] = positionals;
const chosen = rooms.filter(({ name }) => names.length === 0 || names.includes(name));
const [part, parts] = partOf(values.part);

const copy = copyOfSources();
try {
  const survivors = chosen.flatMap(survivorsOf);
  for (const { file, from, to } of survivors)
    console.error(`survived: ${file}\n  - ${from}\n  + ${to}`);
  const tried = chosen.flatMap(({ mutants }) => mutants.filter(isMine)).length;
  console.log(`${tried - survivors.length} of ${tried} mutants were killed`);
  process.exitCode = survivors.length === 0 ? 0 : 1;
} finally {
  rmSync(copy, { recursive: true });
}

function isMine(_: Mutant, index: number): boolean {
  return index % parts === part - 1;
}

function survivorsOf(room: MutatedRoom): readonly Mutant[] {
  const mine = room.mutants.filter(isMine);
  for (const mutant of mine) source(mutant);
  if (outcome(room) !== "SURVIVED")
    throw new Error(`tests of ${room.name} fail without any mutant`);
  return mine.filter((mutant) => {
    const path = join(copy, mutant.file);
    const text = source(mutant);
    writeFileSync(
      path,
      text.replace(mutant.from, () => mutant.to),
    );
    try {
      const result = outcome(room);
      console.log(`${result} ${mutant.file}: ${mutant.from.split("\n", 1)[0]}`);
      return result === "SURVIVED";
    } finally {
      writeFileSync(path, text);
    }
  });
}

/** Text of the file; the line must be there exactly once, or the list is out of date. */
function source({ file, from }: Mutant): string {
  const text = readFileSync(join(copy, file), "utf8");
  const count = text.split(from).length - 1;
  if (count !== 1) throw new Error(`${file} has ${count} times: ${from}`);
  return text;
}

/** Of the tests of the room with the sources as they are. */
function outcome({ tests }: MutatedRoom): "SURVIVED" | "killed" | "killed by time" {
  const options = ["--test", "--test-isolation=none", `--test-reporter=${REPORTER}`];
  const { status, error } = spawnSync(process.execPath, [...options, ...tests], {
    cwd: copy,
    stdio: "ignore",
    timeout: TIMEOUT_MS,
    // a signal handler of the runner would wait for the test
    killSignal: "SIGKILL",
    // the same rules and calls each time: a mutant must not survive by luck
    env: { ...process.env, SCT_SEED: "1", SCT_SHRINK: "0" },
  });
  if (error !== undefined) return "killed by time";
  return status === 0 ? "SURVIVED" : "killed";
}

/** All that git knows of, as it is in the working tree. */
function copyOfSources(): string {
  const to = mkdtempSync(join(tmpdir(), "sct-mutants-"));
  const listed = execFileSync("git", ["ls-files", "-z", "-co", "--exclude-standard"], {
    cwd: repository,
    encoding: "utf8",
  });
  for (const name of listed.split("\0").filter(Boolean)) {
    mkdirSync(join(to, dirname(name)), { recursive: true });
    cpSync(join(repository, name), join(to, name));
  }
  symlinkSync(join(repository, "node_modules"), join(to, "node_modules"));
  return to;
}

function partOf(text: string): readonly [part: number, parts: number] {
  const [, part, parts] = /^(\d+)\/(\d+)$/.exec(text) ?? [];
  if (Number(part) >= 1 && Number(part) <= Number(parts)) return [Number(part), Number(parts)];
  console.error(`Cannot use "${text}" as --part: K/N is wanted, such as 1/3\n${USAGE}`);
  process.exit(2);
}
