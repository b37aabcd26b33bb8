/**
 * A package manager with each install script under a pack. npm starts scripts by the program that `script-shell` names: here that is
 * a small script of ours, which starts sct, which starts the shell. The package manager itself stays as it is. What is denied is
 * collected in files, since npm shows what scripts print only when they fail.
 */
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { escapeControls } from "../../base/escape.ts";
import type { CommandArguments } from "../command.ts";
import { UsageError } from "../errors.ts";
import { isOfScripts, packPath } from "./find.ts";
import { isScriptRun, NOTICES } from "./script-run.ts";

export interface ScriptsEnding {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** The command was not started: its errno. */
  readonly failure: string | undefined;
}

/** What is found in the files of one script. */
export interface ScriptReport {
  /** `left-pad@1.0.0 postinstall`. */
  readonly script: string;
  /** Of rules: what was denied. */
  readonly lines: readonly string[];
  /** What sct said itself. */
  readonly notices: readonly string[];
}

/** Whether the command line asks for it, and this is not yet the run of one script. */
export function asksForScripts(args: CommandArguments): boolean {
  return (
    !isScriptRun() &&
    args.all("pack").some((given) => {
      try {
        return isOfScripts(readFileSync(packPath(given), "utf8"));
      } catch (error) {
        if (error instanceof UsageError) throw error;
        // it is reported where rules are read
        return false;
      }
    })
  );
}

/** Options that mean nothing where many commands are run. */
const NOT_HERE = ["json", "json-fd", "ask", "seed", "report"];

/**
 * Runs the command, and hands over what its scripts were denied. `git` is set, too: the `.npmrc` of a project could name a program
 * of its own there, which npm would start without a pack.
 */
export async function runWithScripts(
  args: CommandArguments,
  report: (scripts: readonly ScriptReport[]) => void,
): Promise<ScriptsEnding> {
  const wrong = NOT_HERE.find((option) => args.has(option));
  if (wrong !== undefined)
    throw new UsageError(`--${wrong} and a pack for install scripts are both given`);
  const [command = "", ...words] = args.operands;
  if (command === "") throw new UsageError("a command is missing: write it behind --");
  const place = mkdtempSync(join(tmpdir(), "sct-pack-"));
  try {
    for (const folder of ["tmp", "log"]) mkdirSync(join(place, folder));
    const shell = join(place, "script-shell");
    writeFileSync(shell, shellText(args, place), { mode: 0o700 });
    const child = spawn(command, words, {
      stdio: "inherit",
      env: { npm_config_git: "git", ...process.env, npm_config_script_shell: shell },
    });
    passSignals((signal) => child.kill(signal));
    const ending = await new Promise<ScriptsEnding>((done) => {
      child.on("error", (error: NodeJS.ErrnoException) =>
        done({ code: null, signal: null, failure: error.code ?? error.message }),
      );
      child.on("exit", (code, signal) => done({ code, signal, failure: undefined }));
    });
    report(reportsIn(join(place, "log")));
    return ending;
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
}

/** The terminal sends the first two to the command as well. */
function passSignals(send: (signal: NodeJS.Signals) => void): void {
  for (const signal of ["SIGINT", "SIGQUIT"] as const) process.on(signal, () => {});
  for (const signal of ["SIGTERM", "SIGHUP"] as const) process.on(signal, () => send(signal));
}

const quoted = (word: string): string => `'${word.replaceAll("'", "'\\''")}'`;

/**
 * Nothing in it is looked up by PATH, where packages have programs of their own, and NODE_OPTIONS, which a project may set, is not
 * for sct: both would run a stranger's code before the policy holds. A script that starts npm comes here again, and is held already:
 * the variable has the folder of this run, whose name nobody knows before.
 */
function shellText(args: CommandArguments, place: string): string {
  const options = args.ordered.flatMap(({ option, value }) => {
    if (option === "output") return [];
    if (option === "pack") return ["--pack", resolve(packPath(value))];
    return [`--${option}`, option === "file" && value !== "-" ? resolve(value) : value];
  });
  if (args.has("quiet")) options.push("--quiet");
  const log = quoted(join(place, "log"));
  const program = [
    process.execPath,
    "--disable-warning=ExperimentalWarning",
    process.argv[1] ?? "",
  ];
  const sct = [...program, "run", ...options].map(quoted).join(" ");
  return `#!/bin/sh
# starts one install script under a pack
case "\${${NOTICES}-}" in ${log}/*) exec /bin/sh "$@" ;; esac
unset NODE_OPTIONS NODE_PATH
export TMPDIR=${quoted(join(place, "tmp"))} ${NOTICES}=${log}/$$.notices
printf '%s@%s %s' "\${npm_package_name-}" "\${npm_package_version-}" "\${npm_lifecycle_event-}" >${log}/$$.script
exec ${sct} --output ${log}/$$.lines -- /bin/sh "$@"
`;
}

const SCRIPT = ".script";

function reportsIn(folder: string): readonly ScriptReport[] {
  const linesOf = (name: string): readonly string[] => {
    try {
      return readFileSync(join(folder, name), "utf8")
        .split("\n")
        .filter((line) => line !== "");
    } catch {
      return [];
    }
  };
  const started = readdirSync(folder)
    .filter((name) => name.endsWith(SCRIPT))
    .map((name) => name.slice(0, -SCRIPT.length));
  return started
    .map((id) => ({
      script: escapeControls(linesOf(`${id}${SCRIPT}`).join(" ")),
      lines: linesOf(`${id}.lines`),
      notices: linesOf(`${id}.notices`),
    }))
    .toSorted((a, b) => (a.script < b.script ? -1 : 1));
}
