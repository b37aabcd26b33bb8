/** Asks on the terminal what shall become of a call that a rule suspends or denies. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Answer, Ask, Question } from "../../engines/supervised/index.ts";
import { Terminal } from "../../sys/index.ts";
import { InputError } from "../errors.ts";
import type { DenialDialogue } from "./denials.ts";
import type { Talk } from "./talk.ts";

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
const CTRL_C = "\x03";

/** Somebody has pressed Ctrl-C: the call fails, and the command gets the signal. */
class Interrupted extends Error {}

export interface Prompt {
  readonly ask: Ask;
  /** Ends a question that is open; the terminal is given back. */
  close(): Promise<void>;
}

/** Opens the controlling terminal. Throws InputError if there is none. `beforeAsking` is called before each question. */
export function openPrompt(denials: DenialDialogue, beforeAsking: () => void): Prompt {
  const terminal = openTerminal();
  const closing = new AbortController();
  let last: Promise<unknown> = Promise.resolve();
  const onTerminal = async (
    question: Question,
    signal: AbortSignal,
  ): Promise<Answer | "always"> => {
    // the command may have groups of its own in the foreground, such as an interactive shell has
    const taken = terminal.takeOver();
    let isInterrupted = false;
    beforeAsking();
    try {
      const talk = talkOn(terminal, signal);
      return question.denied === undefined
        ? await askAboutSuspended(question, talk)
        : await denials.ask(question, question.denied, talk);
    } catch (error) {
      isInterrupted = error instanceof Interrupted;
      throw error;
    } finally {
      taken.giveBack();
      if (isInterrupted) taken.interrupt();
    }
  };
  const ask: Ask = (question, expiry) => {
    const known = question.denied && denials.known(question.denied);
    if (known !== undefined) return Promise.resolve(known);
    const answer = onTerminal(question, AbortSignal.any([expiry, closing.signal]));
    last = answer.catch(() => {});
    return answer;
  };
  return {
    ask,
    async close() {
      closing.abort();
      await last;
      terminal.close();
    },
  };
}

async function askAboutSuspended(question: Question, talk: Talk): Promise<Answer | "always"> {
  await talk.say(`${questionText(question)}\n`);
  while (true) {
    await talk.say("allow, fail, kill, always? ");
    const answer = ANSWERS.get((await talk.line()).trim().toLowerCase());
    if (answer !== undefined) return answer;
  }
}

function talkOn(terminal: Terminal, signal: AbortSignal): Talk {
  return {
    async say(text) {
      for (let rest = Buffer.from(text); rest.length > 0; ) {
        signal.throwIfAborted();
        const count = terminal.write(rest);
        rest = rest.subarray(count);
        if (count === 0) await sleep(POLL_MS, undefined, { signal });
      }
    },
    // nothing is read after the signal: it is somebody else's
    async line() {
      while (true) {
        signal.throwIfAborted();
        const line = terminal.read();
        if (line?.endsWith(CTRL_C) === true) throw new Interrupted();
        if (line !== undefined) return line;
        await sleep(POLL_MS, undefined, { signal });
      }
    },
  };
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
