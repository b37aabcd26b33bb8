/**
 * Real interactive shells on a terminal of their own (script(1)), asked what they make of a command line when its last
 * word is completed with everything that fits. fish has a command for that question.
 */
import { spawn, spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";

export interface Shell {
  readonly name: "bash" | "zsh" | "fish";
  /** Lines that make it take the completion script, and answer Ctrl-T and Ctrl-O. */
  setup(script: string): readonly string[];
  readonly arguments: readonly string[];
}

/** Ctrl-T puts in all completions, Ctrl-O shows the line and empties it. */
const shells: readonly Shell[] = [
  {
    name: "bash",
    arguments: ["--norc", "--noprofile", "-i"],
    setup: (script) => [
      "bind 'set bell-style none'; bind 'set enable-bracketed-paste off'",
      `source ${script}`,
      `bind '"\\C-t": insert-completions'`,
      `show() { printf '\\nLINE<%s>\\n' "$READLINE_LINE"; READLINE_LINE=; }`,
      `bind -x '"\\C-o": show'`,
    ],
  },
  {
    name: "zsh",
    arguments: ["-f", "-i"],
    setup: (script) => [
      "unsetopt beep prompt_cr; bindkey -e; autoload -Uz compinit; compinit -u -D",
      `source ${script}`,
      "everything() { _main_complete; compstate[insert]=all; compstate[list]= }",
      "zle -C everything complete-word everything; bindkey '^T' everything",
      `show() { print -r -- ; print -r -- "LINE<$BUFFER>"; BUFFER= ; }`,
      "zle -N show; bindkey '^O' show",
    ],
  },
];

const TIMEOUT_MS = 60_000;

export function hasShell(name: Shell["name"]): boolean {
  return spawnSync(name, ["-c", "exit 0"]).status === 0;
}

/** The words that the shell puts in place of the last one of each line. */
export async function completeAll(
  name: Shell["name"],
  script: string,
  lines: readonly string[],
  directory: string,
  path: string,
): Promise<readonly (readonly string[])[]> {
  const env = { ...process.env, PATH: path, TERM: "dumb", PS1: "> ", HOME: directory, LC_ALL: "C" };
  if (name === "fish") {
    return lines.map((line) => {
      const command = `source ${script}; complete -C ${quote(line)}`;
      const result = spawnSync("fish", ["--no-config", "-c", command], {
        cwd: directory,
        env: { ...env, XDG_CONFIG_HOME: directory },
        encoding: "utf8",
        timeout: TIMEOUT_MS,
      });
      if (result.stderr !== "") throw new Error(result.stderr);
      return result.stdout.split("\n").flatMap((row) => row.split("\t")[0] || []);
    });
  }
  const shell = shells.find((one) => one.name === name);
  if (shell === undefined) throw new Error(name);
  const rc = join(directory, `${name}.rc`);
  writeFileSync(rc, `${shell.setup(script).join("\n")}\n`);
  const terminal = new Terminal([name, ...shell.arguments], directory, env);
  try {
    await terminal.ask(`. ${rc}; echo READY''_NOW\n`, /READY_NOW/);
    const answers: (readonly string[])[] = [];
    for (const line of lines) {
      const [, text = ""] = await terminal.ask(`${line}\x14\x0f`, /LINE<([^\n]*)>\r?\n/);
      answers.push(wordsBehind(text, line));
    }
    return answers;
  } finally {
    await terminal.close();
  }
}

/** What came in place of the last word of `line`. */
function wordsBehind(completed: string, line: string): readonly string[] {
  const kept = line.slice(0, line.lastIndexOf(" ") + 1);
  return completed.slice(kept.length).trim().split(/ +/).filter(Boolean);
}

class Terminal {
  private readonly child;
  private text = "";
  private wake = (): void => {};

  constructor(command: readonly string[], cwd: string, env: NodeJS.ProcessEnv) {
    this.child = spawn(
      "script",
      ["-qefc", `stty cols 30000; exec ${command.join(" ")}`, "/dev/null"],
      {
        cwd,
        env,
      },
    );
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream.setEncoding("utf8").on("data", (chunk: string) => {
        this.text += chunk;
        this.wake();
      });
    }
  }

  /** Types, and waits for an answer. */
  async ask(keys: string, answer: RegExp): Promise<RegExpExecArray> {
    this.text = "";
    this.child.stdin.write(keys);
    const deadline = Date.now() + TIMEOUT_MS;
    for (;;) {
      const found = answer.exec(this.text);
      if (found !== null) return found;
      if (Date.now() > deadline || this.child.exitCode !== null) {
        throw new Error(`no answer to ${JSON.stringify(keys)}: ${JSON.stringify(this.text)}`);
      }
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, 1000);
        this.wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }

  /** The end of script(1) takes the terminal away, which ends the shell. */
  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.child.once("close", resolve));
    this.child.kill("SIGKILL");
    await closed;
  }
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
