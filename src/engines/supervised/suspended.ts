/**
 * Calls that wait for a decision. With somebody to ask they are held one after another at the prompt; a timeout
 * lets the call continue. What is not asked about stops like a job and waits for `kill -CONT`.
 */

import { quoted } from "../../events/index.ts";
import { describeCall } from "./call/describe-call.ts";
import type { TracedCall } from "./call/traced-call.ts";
import type { Outcome, SuspendOrder } from "./decide.ts";
import type { DeniedUse } from "./denied-use.ts";
import { startTimeout } from "./timeout.ts";

export type Answer = "allow" | "fail" | "kill";

export interface Question {
  readonly rule: string;
  readonly pid: number;
  /** Quoted. */
  readonly comm: string;
  readonly call: string;
  /** What a rule denies unless it is allowed: `allow` and `fail` are the answers. Absent: the rule suspends. */
  readonly denied?: DeniedUse | undefined;
}

/** Asks somebody; the engine waits with the one call, other threads continue. */
export type Ask = (question: Question, signal: AbortSignal) => Promise<Answer | "always">;

interface Waiting {
  readonly order: SuspendOrder;
  readonly question: Question;
  readonly resume: (answer: Answer) => void;
}

export class SuspendQueue {
  readonly #ask: Ask;
  readonly #permits: ((use: DeniedUse) => boolean) | undefined;
  readonly #allowed = new Set<string>();
  readonly #queue: Waiting[] = [];
  #isAsking = false;

  /** `permits`: whether what was to be asked about has been allowed while it waited. */
  constructor(ask: Ask, permits?: (use: DeniedUse) => boolean) {
    this.#ask = ask;
    this.#permits = permits;
  }

  /** Calls `resume` exactly once, later. */
  hold(waiting: Waiting): void {
    this.#queue.push(waiting);
    if (!this.#isAsking) void this.#askAll();
  }

  /** Whether somebody said that the rule need not be asked about any more. */
  isAllowed(rule: string): boolean {
    return this.#allowed.has(rule);
  }

  async #askAll(): Promise<void> {
    this.#isAsking = true;
    for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) {
      next.resume(await this.#answer(next));
    }
    this.#isAsking = false;
  }

  async #answer({ order, question }: Waiting): Promise<Answer> {
    const { denied } = question;
    if (denied === undefined && this.isAllowed(question.rule)) return "allow";
    if (denied !== undefined && this.#permits?.(denied) === true) return "allow";
    const { timeoutNs } = order;
    const expiry = new AbortController();
    const timeout = startTimeout(timeoutNs, () => expiry.abort());
    try {
      const answer = await this.#ask(question, expiry.signal);
      if (answer !== "always") return answer;
      this.#allowed.add(question.rule);
      return "allow";
    } catch {
      // nobody answered in time, or nobody can: a timeout lets the call run, else it is refused
      return expiry.signal.aborted ? "allow" : "fail";
    } finally {
      timeout?.cancel();
    }
  }
}

/** What is asked about a call that the rule holds. */
export function questionAbout({ rule, denied }: SuspendOrder, call: TracedCall): Question {
  const { pid, comm } = call;
  return { rule: rule.name, pid, comm: quoted(comm), call: describeCall(call), denied };
}

/** What a call has to wait for now. */
export function nextSuspension(
  { suspends }: Outcome,
  queue: SuspendQueue | undefined,
): SuspendOrder | undefined {
  return suspends.find(
    ({ rule, denied }) => denied !== undefined || queue?.isAllowed(rule.name) !== true,
  );
}

export function stoppedText(
  { rule }: SuspendOrder,
  call: TracedCall,
  when: "before" | "after",
): string {
  return `rule '${rule.name}' stopped process ${call.pid} ${when} ${describeCall(call)}: kill -CONT ${call.pid} lets it continue`;
}
