/**
 * Transcripts of command lines, test/cli/*.txt: `$ COMMAND`, what it prints on both outputs, `[exit N]` unless 0. Lines
 * that begin with # before the first command are a comment. Files stand behind `-- NAME --` lines at the end.
 *
 * A plain call of `sct` is carried out by one process for all of them; a shell starts everything else.
 *
 * In expected output `[...]` stands for any text within a line, and a line `...` for any number of lines.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { Session } from "../src/cli/testing/session.ts";

interface Step {
  readonly command: string;
  readonly expected: string;
}

interface Transcript {
  readonly comment: string;
  readonly steps: readonly Step[];
  readonly files: ReadonlyMap<string, string>;
}

const bin = fileURLToPath(new URL("../bin", import.meta.url));
const examples = fileURLToPath(new URL("../examples", import.meta.url));

export function parseTranscript(text: string): Transcript {
  const [head = "", ...rest] = text.split(/^-- (.+) --\n/m);
  const files = new Map<string, string>();
  for (let i = 0; i + 1 < rest.length; i += 2) files.set(rest[i] ?? "", rest[i + 1] ?? "");
  const [comment = "", ...parts] = head.split(/^\$ /m);
  const steps = parts.map((part) => {
    const end = part.indexOf("\n");
    return { command: part.slice(0, end), expected: part.slice(end + 1).trim() };
  });
  return { comment, steps, files };
}

/** Runs the commands of transcripts. */
export class TranscriptRunner {
  readonly #env = {
    ...process.env,
    PATH: `${bin}${delimiter}${process.env["PATH"]}`,
    EXAMPLES: examples,
    TZ: "UTC",
  };
  readonly #session = new Session(this.#env, true);

  /** In a fresh directory with the files of the transcript; gives what each command printed, in the transcript's form. */
  async run(transcript: Transcript): Promise<readonly string[]> {
    const directory = mkdtempSync(join(tmpdir(), "sct-cli-"));
    try {
      for (const [name, content] of transcript.files) {
        mkdirSync(dirname(join(directory, name)), { recursive: true });
        writeFileSync(join(directory, name), content);
      }
      const printed: string[] = [];
      for (const { command } of transcript.steps)
        printed.push(await this.#runStep(command, directory));
      return printed;
    } finally {
      rmSync(directory, { recursive: true });
    }
  }

  close(): void {
    this.#session.close();
  }

  async #runStep(command: string, directory: string): Promise<string> {
    const words = plainWords(command);
    if (words === undefined) return this.#runShell(command, directory);
    const { status, stdout } = await this.#session.run(words, directory);
    return form(stdout, status);
  }

  #runShell(command: string, cwd: string): string {
    const options = { cwd, env: this.#env, encoding: "utf8" } as const;
    const result = spawnSync("sh", ["-c", `{ ${command}\n} 2>&1`], options);
    if (result.error !== undefined) throw result.error;
    return form(result.stdout, result.status ?? result.signal);
  }
}

/** Arguments of `sct`; undefined where a shell is needed. `sct run` looks at the process that it is in. */
function plainWords(command: string): readonly string[] | undefined {
  const text = command.replaceAll('"$EXAMPLES"', examples);
  const [name, ...words] = text.match(/'[^']*'|[^\s']+/g) ?? [];
  if (name !== "sct" || words[0] === "run") return undefined;
  const plain = words.map((word) => (word.startsWith("'") ? word.slice(1, -1) : word));
  return words.every((word) => /^('.*'|[\w./@=+,:-]+)$/.test(word)) ? plain : undefined;
}

function form(output: string, end: number | string | null): string {
  return `${output.trimEnd()}\n${end === 0 ? "" : `[exit ${end}]`}`.trim();
}

/** Whether output is what was expected, wildcards included. */
export function matches(actual: string, expected: string): boolean {
  const pattern = expected
    .split("\n")
    .map((line) =>
      line === "..." ? "(?:.*\n)*?" : `${line.split("[...]").map(escapePattern).join(".*")}\n`,
    )
    .join("");
  return new RegExp(`^${pattern}$`).test(`${actual}\n`);
}

function escapePattern(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
}

/** The transcript with what was printed now; expectations that still match stay as they are. */
export function rewriteTranscript(text: string, actual: readonly string[]): string {
  const { comment, steps } = parseTranscript(text);
  const files = text.indexOf("\n-- ");
  const shown = steps.map(({ command, expected }, i) => {
    const printed = actual[i] ?? "";
    const output = matches(printed, expected) ? expected : printed;
    return `$ ${command}\n${output === "" ? "" : `${output}\n`}`;
  });
  return `${comment}${shown.join("\n")}${files < 0 ? "" : text.slice(files)}`;
}

export function readTranscript(name: string): string {
  return readFileSync(new URL(`cli/${name}`, import.meta.url), "utf8");
}

export function writeTranscript(name: string, text: string): void {
  writeFileSync(new URL(`cli/${name}`, import.meta.url), text);
}
