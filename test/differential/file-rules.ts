/**
 * Rules on files, what a program tries, and what it must see: one table for both engines. `sct run` plays it on the host
 * (test/supervised/file-rules.test.ts), the kernel engine in a guest (test/vm/file-rules.test.ts).
 */
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROWS } from "./file-rules-table.ts";

/** What rules fail with: no call here fails with it by itself. */
export const DENIED = "EUCLEAN";

export interface Row {
  readonly name: string;
  readonly calls: string;
  /** `$D` stands for the directory of the row. */
  readonly filter: string;
  /** LOG alone; else the rule fails its calls. */
  readonly logs?: boolean;
  readonly when?: "after";
  /** The row starts programs: their names are their own, and the filter alone says what is meant. */
  readonly anyComm?: boolean;
  /** Shell lines that prepare the directory, before rules are loaded. */
  readonly prepare?: string;
  /** Python lines before the acts, which rules on the thread's name do not see. */
  readonly begin?: string;
  /** Python expressions, and what each must give; `"denied"` is the rule's error. */
  readonly acts: readonly (readonly [expression: string, result: string])[];
  /** How often the rule must match; absent: as often as acts are denied. */
  readonly matches?: number;
  /** Needs the superuser. */
  readonly root?: boolean;
  /** The kernel engine has no such names yet. */
  readonly isOnlySupervised?: boolean;
}

/** What the acts use; modules are there before a rule is looked at. */
const PRELUDE = `import ctypes, errno, json, mmap, os, subprocess, sys
libc = ctypes.CDLL(None, use_errno=True)
DENIED = "${DENIED}"
results = {}
def of(number): return errno.errorcode.get(number, str(number))
def attempt(function, *arguments, **named):
    try: function(*arguments, **named)
    except OSError as error: return of(error.errno)
    return "ok"
def call(number, *arguments):
    return "ok" if libc.syscall(number, *arguments) >= 0 else of(ctypes.get_errno())
def open_(path, flags=0, directory=None, mode=0o600):
    def run(): os.close(os.open(path, flags, mode, dir_fd=directory))
    return attempt(run)
def delete(path, directory=None): return attempt(os.unlink, path, dir_fd=directory)
def until(function, result):
    """A decision that is made elsewhere may see a change a moment later."""
    wanted = DENIED if result == "denied" else result
    for i in range(10000):
        if function() == wanted: break
    return function() if i == 9999 else wanted
def write(path): return open_(path, os.O_WRONLY | os.O_CREAT)
def run(*command, **named):
    done = subprocess.run(command, capture_output=True, text=True, **named)
    return (done.stdout + done.stderr).strip()
def forked(function):
    """Gives what a child gives."""
    reader, writer = os.pipe()
    if os.fork() == 0:
        try: os.write(writer, function().encode())
        finally: os._exit(0)
    os.close(writer)
    result = os.read(reader, 1000).decode()
    os.close(reader); os.wait()
    return result
def as_user(function):
    """As somebody who may not go everywhere."""
    if os.getuid() != 0: return function()
    return forked(lambda: (os.setgroups([]), os.setresgid(NOBODY, NOBODY, NOBODY), os.setresuid(NOBODY, NOBODY, NOBODY), function())[-1])
NOBODY = 65534
def name(text): libc.prctl(15, text.encode())
`;

/** Rows that a user can play. */
export function rowsFor(isRoot: boolean): readonly Row[] {
  return ROWS.filter(({ root }) => isRoot || root !== true);
}

export function rowsForKernel(): readonly Row[] {
  return rowsFor(true).filter(({ isOnlySupervised }) => isOnlySupervised !== true);
}

const commOf = (row: Row): string => `row${ROWS.indexOf(row)}`;
const directoryOf = (base: string, row: Row): string => join(base, commOf(row));

/** One rule for each row; `also` goes into each of them (`when = after` …). */
export function rulesOf(rows: readonly Row[], base: string): string {
  const rules = rows.map((row) => {
    const filter = row.filter.replaceAll("$D", directoryOf(base, row));
    const own = row.anyComm === true ? filter : `COMM == "${commOf(row)}" && (${filter})`;
    const when = row.when === undefined ? "" : `when = ${row.when}`;
    const action = row.logs === true ? "type = LOG" : `type = FAIL error_code = ${DENIED}`;
    return `rule { rule_name = ${commOf(row)} syscall_name = ${row.calls} ${when}
      filter_expression { ${own} } action { ${action} } }`;
  });
  return rules.join("\n");
}

export interface Prepared {
  /** Shell script to be run before the rules are loaded. */
  readonly prepare: string;
  /** Python program that prints what the acts gave, as JSON. */
  readonly program: string;
}

/** Makes the directories below `base`. */
export function prepareRows(rows: readonly Row[], base: string): Prepared {
  const prepare = ["set -e"];
  const script = [PRELUDE];
  for (const row of rows) {
    const directory = directoryOf(base, row);
    mkdirSync(directory);
    chmodSync(directory, 0o777);
    prepare.push(`cd ${directory}`, row.prepare ?? "");
    script.push(
      `os.chdir("${directory}"); D = "${directory}"`,
      row.begin ?? "",
      `name("${commOf(row)}")`,
      `results["${commOf(row)}"] = [str(one) for one in [${row.acts.map(([expression]) => expression).join(", ")}]]`,
      'name("done")',
    );
  }
  script.push("print(json.dumps(results))");
  const program = join(base, "acts.py");
  writeFileSync(program, script.join("\n"));
  return { prepare: prepare.join("\n"), program };
}

/** What the acts must print, and how often each rule must have matched. */
export function expectationOf(rows: readonly Row[]): {
  readonly results: Readonly<Record<string, readonly string[]>>;
  readonly matches: Readonly<Record<string, number>>;
} {
  const results = rows.map((row) => [
    title(row),
    row.acts.map(([, result]) => (result === "denied" ? DENIED : result)),
  ]);
  const matches = rows.map((row) => [
    title(row),
    row.matches ?? row.acts.filter(([, result]) => result === "denied").length,
  ]);
  return { results: Object.fromEntries(results), matches: Object.fromEntries(matches) };
}

const title = (row: Row): string => `${commOf(row)} ${row.name}`;

/** By the titles of the rows, for comparison. */
export function titled<T>(rows: readonly Row[], of: (rule: string) => T): Record<string, T> {
  return Object.fromEntries(rows.map((row) => [title(row), of(commOf(row))]));
}
