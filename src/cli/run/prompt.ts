/** Asks on the terminal what shall become of a suspended call. */
import { closeSync, openSync, read, writeSync } from "node:fs";
import type { Answer, Ask, Question } from "../../engines/supervised/index.ts";
import { InputError } from "../errors.ts";

const ANSWERS: ReadonlyMap<string, Answer | "always"> = new Map([
  ["a", "allow"],
  ["allow", "allow"],
  ["f", "fail"],
  ["fail", "fail"],
  ["k", "kill"],
  ["kill", "kill"],
  ["always", "always"],
]);

/** Opens the controlling terminal. Throws InputError if there is none. */
export function openPrompt(): { readonly ask: Ask; close(): void } {
  const fd = openTerminal();
  const lines = new LineReader(fd);
  const say = (text: string): void => {
    writeSync(fd, text);
  };
  const ask: Ask = async (question, signal) => {
    say(`${questionText(question)}\n`);
    while (true) {
      say("allow, fail, kill, always? ");
      const line = await lines.next(signal);
      const answer = ANSWERS.get(line.trim().toLowerCase());
      if (answer !== undefined) return answer;
    }
  };
  return { ask, close: () => closeSync(fd) };
}

function openTerminal(): number {
  try {
    return openSync("/dev/tty", "r+");
  } catch {
    throw new InputError("cannot ask: there is no terminal");
  }
}

function questionText({ rule, comm, pid, call }: Question): string {
  return `sct: ${rule}: ${comm}[${pid}] wants ${call}`;
}

/** Lines of a terminal. A read that nobody waits for any more is taken up by the next who asks. */
class LineReader {
  readonly #fd: number;
  #pending: Promise<string> | undefined;

  constructor(fd: number) {
    this.#fd = fd;
  }

  async next(signal: AbortSignal): Promise<string> {
    this.#pending ??= this.#read();
    const aborted = Promise.withResolvers<never>();
    const onAbort = (): void => aborted.reject(new Error("no answer"));
    signal.addEventListener("abort", onAbort);
    try {
      const line = await Promise.race([this.#pending, aborted.promise]);
      this.#pending = undefined;
      return line;
    } finally {
      signal.removeEventListener("abort", onAbort);
    }
  }

  #read(): Promise<string> {
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    const buffer = Buffer.alloc(4096);
    read(this.#fd, buffer, 0, buffer.length, null, (error, count) => {
      if (error !== null) reject(error);
      else if (count === 0) reject(new Error("the terminal is gone"));
      else resolve(buffer.toString("utf8", 0, count));
    });
    return promise;
  }
}
