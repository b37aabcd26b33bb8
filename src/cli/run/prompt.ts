/** Asks on the terminal what shall become of a suspended call. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Answer, Ask, Question } from "../../engines/supervised/index.ts";
import { Terminal } from "../../sys/index.ts";
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

/** A person does not notice. */
const POLL_MS = 50;

/** Opens the controlling terminal. Throws InputError if there is none. `beforeAsking` is called before each question. */
export function openPrompt(beforeAsking: () => void): { readonly ask: Ask; close(): void } {
  const terminal = openTerminal();
  const ask: Ask = async (question, signal) => {
    // the command may have groups of its own in the foreground, such as an interactive shell has
    const giveBack = terminal.takeOver();
    beforeAsking();
    try {
      await say(terminal, `${questionText(question)}\n`, signal);
      while (true) {
        await say(terminal, "allow, fail, kill, always? ", signal);
        const line = await nextLine(terminal, signal);
        const answer = ANSWERS.get(line.trim().toLowerCase());
        if (answer !== undefined) return answer;
      }
    } finally {
      giveBack();
    }
  };
  return { ask, close: () => terminal.close() };
}

async function say(terminal: Terminal, text: string, signal: AbortSignal): Promise<void> {
  for (let rest = Buffer.from(text); rest.length > 0; ) {
    const count = terminal.write(rest);
    rest = rest.subarray(count);
    if (count === 0) await sleep(POLL_MS, undefined, { signal });
  }
}

/** Nothing is read after `signal`: it is somebody else's. */
async function nextLine(terminal: Terminal, signal: AbortSignal): Promise<string> {
  while (true) {
    signal.throwIfAborted();
    const line = terminal.read();
    if (line !== undefined) return line;
    await sleep(POLL_MS, undefined, { signal });
  }
}

function openTerminal(): Terminal {
  try {
    return new Terminal();
  } catch {
    throw new InputError("cannot ask: there is no terminal");
  }
}

function questionText({ rule, comm, pid, call }: Question): string {
  return `sct: ${rule}: ${comm}[${pid}] wants ${call}`;
}
