/** Collects what processes do, each name of a process once. Memory is bounded: what is more is counted. */
import type { Addressee, ProcessFacts, ReportedProcess, ReportedUse } from "./session.ts";

/** Most names of all processes together. */
const MOST_USES = 400_000;
/** Most processes: calls of those that come later are counted. */
const MOST_PROCESSES = 100_000;
/** Most rules that are named with a use. */
const MOST_RULES = 8;

type Writable<T> = { -readonly [K in keyof T]: T[K] };

interface Known extends Omit<Writable<ReportedProcess>, "uses"> {
  uses: Map<string, Writable<ReportedUse> & { by?: string[] }>;
  index: number;
}

/** How a call was decided. */
export interface CallVerdict {
  readonly verdict: "allowed" | "denied" | "would deny";
  /** The rules that deny it, or would. */
  readonly by: readonly string[];
}

export class SessionTable {
  readonly #processes: Known[] = [];
  /** The last one that had the number, by that. */
  readonly #byPid = new Map<number, Known>();
  readonly #unknown = new Map<string, Writable<ReportedUse> & { by?: string[] }>();
  #uses = 0;
  #notKept = 0;

  /** Whether the number is one of a process that has not ended. */
  isAlive(pid: number): boolean {
    return this.#byPid.get(pid)?.endedMs === null;
  }

  /** Whether a process had the number, and no other one later. */
  isKnown(pid: number): boolean {
    return this.#byPid.has(pid);
  }

  /** A process that was not seen before. `ppid`: undefined where it is none of the run. */
  begin(pid: number, ppid: number | undefined, facts: ProcessFacts, beganMs: number): void {
    const parent = ppid === undefined ? undefined : this.#byPid.get(ppid);
    const index = this.#processes.length;
    if (index >= MOST_PROCESSES) return;
    const known: Known = {
      pid,
      parent: parent?.index ?? null,
      program: facts.program,
      arguments: facts.arguments,
      beganMs,
      endedMs: null,
      exit: null,
      uses: new Map(),
      index,
    };
    this.#processes.push(known);
    this.#byPid.set(pid, known);
  }

  /** It has executed another program. */
  executed(pid: number, facts: ProcessFacts): void {
    const known = this.#byPid.get(pid);
    if (known === undefined) return;
    known.program = facts.program;
    known.arguments = facts.arguments;
  }

  /** Once: a process with threads may say so several times. */
  end(pid: number, exit: number, endedMs: number): void {
    const known = this.#byPid.get(pid);
    if (known === undefined || known.endedMs !== null) return;
    known.endedMs = endedMs;
    known.exit = exit;
  }

  /** One call. `pid`: undefined where nobody knows which process made it. */
  use(pid: number | undefined, { kind, name, to }: Addressee, { verdict, by }: CallVerdict): void {
    const known = pid === undefined ? undefined : this.#byPid.get(pid);
    if (pid !== undefined && known === undefined) {
      this.#notKept++;
      return;
    }
    const uses = known?.uses ?? this.#unknown;
    const key = `${kind}\0${name}\0${to ?? ""}`;
    let use = uses.get(key);
    if (use === undefined) {
      if (this.#uses >= MOST_USES) {
        this.#notKept++;
        return;
      }
      this.#uses++;
      use = to === undefined ? { kind, name, calls: 0 } : { kind, name, to, calls: 0 };
      uses.set(key, use);
    }
    use.calls++;
    if (verdict === "allowed") return;
    if (verdict === "denied") use.denied = (use.denied ?? 0) + 1;
    else use.wouldDeny = (use.wouldDeny ?? 0) + 1;
    use.by ??= [];
    for (const rule of by)
      if (use.by.length < MOST_RULES && !use.by.includes(rule)) use.by.push(rule);
  }

  /** Calls on more names or of more processes than are kept. */
  get notKept(): number {
    return this.#notKept;
  }

  /** In the order in which they were seen. */
  processes(): readonly ReportedProcess[] {
    return this.#processes.map(({ uses, index: _, ...process }) => ({
      ...process,
      uses: [...uses.values()],
    }));
  }

  /** Uses that nobody knows the process of. */
  unattributed(): readonly ReportedUse[] {
    return [...this.#unknown.values()];
  }
}
