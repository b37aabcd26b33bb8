/** Changes of the rules in force: one after the other, each whole or not at all, durable before it is reported. */
import type { Diagnostic } from "../base/diagnostic.ts";
import { formatDiagnostic } from "../base/print-diagnostic.ts";
import { LoadAbortedError } from "../bpf/index.ts";
import type { LoadInclude } from "../language/index.ts";
import { moveAside } from "../store/index.ts";
import { isPassing, MachineError } from "../sys/index.ts";
import { failure } from "./control-server.ts";
import type { ServiceEngine } from "./engine.ts";
import { collectGarbage, releaseMemory } from "./garbage.ts";
import type { Paths } from "./paths.ts";
import {
  type ChangeAnswer,
  ENDING,
  type ErrorAnswer,
  type Reader,
  type RuleText,
  type WireDiagnostic,
} from "./protocol.ts";
import { type Revert, readRevert, StateError, UnconfirmedError, writeRevert } from "./revert.ts";
import { type Composition, compose, removeRules } from "./rule-set.ts";
import { SavedRules, UnreadableError } from "./saved-rules.ts";
import { removeFile } from "./state-files.ts";

/** What was asked for too late. */
export class EndingError extends MachineError {
  readonly code = ENDING;

  constructor() {
    super("the service is ending");
  }
}

interface Armed {
  readonly revert: Revert;
  readonly timer: NodeJS.Timeout;
  readonly at: number;
}

/** Called with the last numbers of a rule set that has gone. */
type Retired = Parameters<ServiceEngine["replace"]>[2];

/** Whoever ends the service does not wait longer for rules that are being loaded. */
const END_PATIENCE_MS = 2_000;
/** Between attempts to revert what nobody confirmed. */
const RETRY_MS = 10_000;

export interface RulesHooks {
  readonly onRetired: Retired;
  /** Others are in force than before. */
  readonly onChanged: () => void;
  readonly tell: (line: string) => void;
}

export class RulesInForce {
  /** What was found damaged, and lasts. */
  damage: string | undefined;
  /** Why rules that nobody confirmed are still in force; undefined: there are none, or their time is not over. */
  overdue: string | undefined;
  /** Why rules would come back that should not; undefined: they would not. */
  stale: string | undefined;
  /** What the state directory has of them. */
  readonly saved: SavedRules;
  readonly #engine: ServiceEngine;
  readonly #paths: Paths;
  readonly #hooks: RulesHooks;
  #last: Promise<unknown> = Promise.resolve();
  #revert: Armed | undefined;
  #isEnded = false;
  /** Calls of `end` that do not wait for changes any more. */
  #impatient = 0;
  #isMending = false;

  constructor(engine: ServiceEngine, paths: Paths, hooks: RulesHooks) {
    this.#engine = engine;
    this.#paths = paths;
    this.#hooks = hooks;
    this.saved = new SavedRules(paths, hooks.tell);
  }

  get source(): string {
    return this.#engine.current?.source ?? "";
  }

  /** Milliseconds until the rules before come back; null: they do not. */
  get revertsInMs(): number | null {
    return this.#revert === undefined ? null : Math.max(0, this.#revert.at - performance.now());
  }

  /** Makes what the kernel has, or else what the state directory has, the rules in force. False: neither has any. */
  restore(): Promise<boolean> {
    return this.#enqueue(() => this.#restore());
  }

  async #restore(): Promise<boolean> {
    const saved = this.saved.read();
    const { current } = this.#engine;
    if (current === undefined && saved === undefined) return false;
    if (current !== undefined) {
      if (current.source !== saved) this.saved.write(current.source);
    } else if (saved !== null && saved !== undefined) {
      const composed = compose(saved, [], { name: this.#paths.rules });
      const answer = await this.#make(composed);
      if (!answer.ok) this.#refuseSaved(answer);
    }
    this.#resumeRevert();
    return true;
  }

  upload(
    files: readonly RuleText[],
    loadInclude: LoadInclude,
    reader: Reader = {},
  ): Promise<ChangeAnswer | ErrorAnswer> {
    return this.#change(async () =>
      this.#withRevert(await this.#make(compose(this.source, files, { loadInclude }), reader)),
    );
  }

  replace(
    files: readonly RuleText[],
    loadInclude: LoadInclude,
    revertAfterMs?: number,
    reader: Reader = {},
  ): Promise<ChangeAnswer | ErrorAnswer> {
    return this.#change(async () => {
      const composed = compose("", files, { loadInclude });
      if (composed.composition === undefined) return rulesFailure(composed.diagnostics, reader);
      const pending = this.#revert;
      if (revertAfterMs !== undefined) {
        // what nobody has confirmed is nothing to come back to
        const source = pending?.revert.source ?? this.source;
        // first: whatever happens from now on, the new rules do not outlast their time
        this.#arm({ source, dueMs: Date.now() + revertAfterMs, afterMs: revertAfterMs });
      }
      let isMade = false;
      try {
        const answer = await this.#make(composed, reader);
        isMade = answer.ok;
        if (!answer.ok) return answer;
        if (revertAfterMs === undefined) this.#disarm();
        const isSkipped = revertAfterMs !== undefined && pending !== undefined;
        const notices = [isSkipped ? SKIPPED : undefined, this.stale];
        return withNotices(answer, ...notices.filter((one) => one !== undefined));
      } finally {
        if (!isMade && revertAfterMs !== undefined) this.#restoreRevert(pending);
      }
    });
  }

  delete(names?: readonly string[], reader: Reader = {}): Promise<ChangeAnswer | ErrorAnswer> {
    return this.#change(async () => {
      if (names === undefined) return this.#withRevert(await this.#make(compose(""), reader));
      const removal = removeRules(this.source, names);
      if (removal.ok) return this.#withRevert(await this.#make(compose(removal.source), reader));
      const quoted = removal.unknown.map((name) => `'${name}'`).join(", ");
      return failure("usage", "no_such_rule", `no rule is named ${quoted}; nothing was deleted`);
    });
  }

  /**
   * The rules in force when it resolves stay. False: there is nothing to confirm, or they have been reverted before
   * it was their turn. Throws where a restart would take the rules back all the same.
   */
  confirm(): Promise<boolean> {
    return this.#change(async () => {
      const isPending = this.#revert !== undefined;
      this.#disarm();
      if (isPending && this.stale !== undefined) throw new UnconfirmedError(this.stale);
      return isPending;
    });
  }

  /**
   * Runs `act` when the changes that were asked for are made, or have been given up because they take too long. Afterwards none is
   * made, and none comes by itself; if it throws, all continues as before.
   */
  async end(act: () => void): Promise<void> {
    let hasGivenUp = false;
    const timer = setTimeout(() => {
      hasGivenUp = true;
      this.#impatient++;
      this.#engine.abortLoading();
    }, END_PATIENCE_MS);
    try {
      await this.#enqueue(async () => {
        act();
        this.#isEnded = true;
        clearTimeout(this.#revert?.timer);
      });
    } finally {
      clearTimeout(timer);
      if (hasGivenUp) this.#impatient--;
    }
  }

  /** Tries again what the state directory had no room for. Once a second. */
  async mend(): Promise<void> {
    if (this.#isMending || (!this.saved.needsMending && this.stale === undefined)) return;
    this.#isMending = true;
    await this.#enqueue(async () => {
      this.#isMending = false;
      if (this.#isEnded) return;
      const { current } = this.#engine;
      if (current !== undefined) this.saved.mend(current.source);
      if (this.stale !== undefined && this.#revert === undefined) this.#removeRevert();
    });
  }

  #change<T>(change: () => Promise<T>): Promise<T> {
    return this.#enqueue(() => {
      if (this.#isEnded || this.#impatient > 0) throw new EndingError();
      return change();
    });
  }

  #enqueue<T>(change: () => Promise<T>): Promise<T> {
    const result = this.#last.then(change);
    this.#last = result.catch(() => {});
    return result;
  }

  async #make({ composition, diagnostics }: ReturnType<typeof compose>, reader: Reader = {}) {
    if (composition === undefined) return rulesFailure(diagnostics, reader);
    let answer: ChangeAnswer | ErrorAnswer | undefined;
    await this.saved.with(composition.source, async () => {
      answer = await this.#switchTo(composition, diagnostics, reader);
      return answer.ok;
    });
    if (answer?.ok && this.stale !== undefined) this.#removeRevert();
    return answer as ChangeAnswer | ErrorAnswer;
  }

  async #switchTo(
    { rules, source }: Composition,
    diagnostics: readonly Diagnostic[],
    reader: Reader,
  ): Promise<ChangeAnswer | ErrorAnswer> {
    if (this.#impatient > 0) throw new EndingError();
    // what reading them took: the thread that loads them takes as much again
    collectGarbage();
    const result = await this.#engine
      .replace(rules, source, this.#hooks.onRetired)
      .catch((error: unknown) => {
        throw error instanceof LoadAbortedError ? new EndingError() : error;
      });
    // after the answer
    setImmediate(releaseMemory);
    if (!result.ok) return rulesFailure(result.diagnostics, reader);
    this.#hooks.onChanged();
    const { generation, notices } = result.generation;
    return {
      ok: true,
      generation,
      rules: rules.map(({ name }) => name),
      diagnostics: wire(diagnostics, reader),
      notices: this.saved.problem === undefined ? notices : [...notices, this.saved.problem],
    };
  }

  /** A change of rules that nobody has confirmed goes with them. */
  #withRevert(answer: ChangeAnswer | ErrorAnswer): ChangeAnswer | ErrorAnswer {
    if (!answer.ok || this.revertsInMs === null) return answer;
    const seconds = Math.ceil(this.revertsInMs / 1000);
    const notice = `this change is reverted, too, when the rules before come back in ${seconds} s; 'sct config confirm' keeps both`;
    return withNotices(answer, notice);
  }

  /** Rules that were good once and are not now: damage, another version or another kernel. Each start tries them again. */
  #refuseSaved(answer: ErrorAnswer): void {
    this.saved.refuse(`the rules of ${this.#paths.rules} are not in force: ${firstError(answer)}`);
    for (const { text } of answer.error.diagnostics ?? []) this.#hooks.tell(text);
  }

  #resumeRevert(): void {
    const revert = this.#readRevert();
    if (revert === undefined) return;
    this.#schedule(revert, Math.min(Math.max(0, revert.dueMs - Date.now()), revert.afterMs));
  }

  /** What is damaged takes nothing back: the rules in force are the last that anybody asked for. */
  #readRevert(): Revert | undefined {
    const file = this.#paths.revert;
    try {
      return readRevert(file);
    } catch (error) {
      if (isPassing(error)) throw new UnreadableError(file, error);
      this.damage = `rules that nobody confirmed stay in force: ${file} is damaged (${reasonOf(error)})`;
      try {
        this.damage += `; it is now ${moveAside(file)}`;
      } catch (cause) {
        this.damage += `; it stays there (${reasonOf(cause)})`;
      }
      this.#hooks.tell(this.damage);
      return undefined;
    }
  }

  /** Rules that are to be reverted unless confirmed need a disk to be sure of it. Without it all stays as it was. */
  #arm(revert: Revert): void {
    try {
      writeRevert(this.#paths.revert, revert);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === undefined) throw error;
      throw new StateError(this.#paths.revert, error as NodeJS.ErrnoException);
    }
    this.stale = undefined;
    this.#schedule(revert, revert.afterMs);
  }

  /** After a change that was not made: what was to come back before it does so at its own time. */
  #restoreRevert(pending: Armed | undefined): void {
    if (pending === undefined) {
      this.#disarm();
      return;
    }
    this.#schedule(pending.revert, Math.max(0, pending.at - performance.now()));
    try {
      writeRevert(this.#paths.revert, pending.revert);
    } catch (error) {
      // what is written names the same rules, only later
      if ((error as NodeJS.ErrnoException).code === undefined) throw error;
    }
  }

  #schedule(revert: Revert, afterMs: number): void {
    clearTimeout(this.#revert?.timer);
    const timer = setTimeout(() => void this.#enqueue(() => this.#takeBack(revert)), afterMs);
    this.#revert = { revert, timer, at: performance.now() + afterMs };
  }

  /** Tried until it is done or somebody confirms: whoever asked for it may not reach this machine any more. */
  async #takeBack(revert: Revert): Promise<void> {
    // somebody was faster
    if (this.#isEnded || this.#revert?.revert !== revert) return;
    const reason = await this.#tryTakeBack(revert.source);
    if (reason === undefined) {
      this.#disarm();
      this.#hooks.tell("the rules before are in force again: nobody confirmed the new ones");
      return;
    }
    const overdue = `rules that nobody confirmed stay in force: those before cannot be loaded (${reason})`;
    if (this.overdue !== overdue) this.#hooks.tell(overdue);
    this.overdue = overdue;
    this.#schedule(revert, RETRY_MS);
  }

  /** Undefined: it is done. */
  async #tryTakeBack(source: string): Promise<string | undefined> {
    try {
      const answer = await this.#make(compose(source));
      return answer.ok ? undefined : firstError(answer);
    } catch (error) {
      return reasonOf(error);
    }
  }

  #disarm(): void {
    if (this.#revert === undefined) return;
    clearTimeout(this.#revert.timer);
    this.#revert = undefined;
    this.overdue = undefined;
    this.#removeRevert();
  }

  #removeRevert(): void {
    const file = this.#paths.revert;
    try {
      removeFile(file);
      this.stale = undefined;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === undefined) throw error;
      const stale = `a restart takes these rules back: cannot remove ${file} (${code})`;
      if (this.stale !== stale) this.#hooks.tell(stale);
      this.stale = stale;
    }
  }
}

const SKIPPED =
  "the rules before these were not confirmed either: unless 'sct config confirm' is run, the last ones that were come back";

function withNotices(answer: ChangeAnswer, ...notices: readonly string[]): ChangeAnswer {
  return { ...answer, notices: [...answer.notices, ...notices] };
}

const reasonOf = (error: unknown): string => (error as Error).message;

/** The first of the diagnostics without its picture: place and message. */
export function firstError({ error }: ErrorAnswer): string {
  const first = error.diagnostics?.find(({ severity }) => severity === "error");
  return first?.text.split("\n", 1)[0] ?? error.message;
}

function rulesFailure(diagnostics: readonly Diagnostic[], reader: Reader): ErrorAnswer {
  const answer = failure("rules", "bad_rules", "the rules cannot be loaded; nothing was changed");
  return { ...answer, error: { ...answer.error, diagnostics: wire(diagnostics, reader) } };
}

function wire(diagnostics: readonly Diagnostic[], { width }: Reader): readonly WireDiagnostic[] {
  return diagnostics.map((diagnostic) => {
    const { severity, code } = diagnostic;
    return { severity, code, text: formatDiagnostic(diagnostic, { width }) };
  });
}
