/** Changes of the rules in force: one after the other, each whole or not at all, durable before it is reported. */
import { setImmediate as nextTurn } from "node:timers/promises";
import type { Diagnostic } from "../../base/diagnostic.ts";
import { LoadAbortedError } from "../../bpf/index.ts";
import { type Compose, composeInThread } from "../composing/thread.ts";
import type { ServiceEngine } from "../engine.ts";
import { releaseMemory, releaseThread } from "../garbage.ts";
import type { Paths } from "../paths.ts";
import { failure, firstError, onWire, rulesFailure, withNotices } from "../socket/answers.ts";
import type {
  ChangeAnswer,
  ErrorAnswer,
  IncludedText,
  Reader,
  RuleText,
} from "../socket/protocol.ts";
import { ChangeQueue, EndingError } from "./change-queue.ts";
import { PendingRevert } from "./pending-revert.ts";
import type { Composed, Composition } from "./rule-set.ts";
import { SavedRules } from "./saved-rules.ts";

/** Called with the last numbers of a rule set that has gone. */
type Retired = Parameters<ServiceEngine["replace"]>[2];

export interface RulesHooks {
  readonly onRetired: Retired;
  /** Others are in force than before. */
  readonly onChanged: () => void;
  readonly report: (line: string) => void;
  /** How rule texts are read; default: in a thread of its own. */
  readonly compose?: Compose;
}

export class RulesInForce {
  /** What the state directory has of them. */
  readonly saved: SavedRules;
  /** What comes back unless they are confirmed. */
  readonly revert: PendingRevert;
  readonly #engine: ServiceEngine;
  readonly #paths: Paths;
  readonly #hooks: RulesHooks;
  readonly #queue: ChangeQueue;
  /** Of reading rule texts. */
  #patience = new AbortController();
  #isMending = false;

  constructor(engine: ServiceEngine, paths: Paths, hooks: RulesHooks) {
    this.#engine = engine;
    this.#paths = paths;
    this.#hooks = hooks;
    const { report } = hooks;
    this.#queue = new ChangeQueue(() => {
      engine.abortLoading();
      this.#patience.abort(new EndingError());
      this.#patience = new AbortController();
    });
    this.saved = new SavedRules(paths, report);
    this.revert = new PendingRevert({
      file: paths.revert,
      queue: this.#queue,
      load: (source) => this.#tryLoad(source),
      report,
    });
  }

  get source(): string {
    return this.#engine.current?.source ?? "";
  }

  /** Makes what the kernel has, or else what the state directory has, the rules in force. False: neither has any. */
  restore(): Promise<boolean> {
    return this.#queue.enqueue(() => this.#restore());
  }

  async #restore(): Promise<boolean> {
    const saved = this.saved.read();
    const { current } = this.#engine;
    if (current === undefined && saved === undefined) return false;
    if (current !== undefined) {
      if (current.source !== saved) await this.saved.write(current.source);
    } else if (saved !== null && saved !== undefined) {
      const name = this.#paths.rules;
      const answer = await this.#make(
        await this.#compose({ kind: "compose", inForce: saved, name }),
      );
      if (!answer.ok) this.#refuseSaved(answer);
    }
    this.revert.resume();
    return true;
  }

  upload(
    files: readonly RuleText[],
    includes: readonly IncludedText[],
    reader: Reader = {},
  ): Promise<ChangeAnswer | ErrorAnswer> {
    return this.#queue.change(async () => {
      const { source: inForce } = this;
      const composed = await this.#compose({ kind: "compose", inForce, files, includes });
      return this.#withRevert(await this.#make(composed, reader));
    });
  }

  replace(
    files: readonly RuleText[],
    includes: readonly IncludedText[],
    revertAfterMs?: number,
    reader: Reader = {},
  ): Promise<ChangeAnswer | ErrorAnswer> {
    return this.#queue.change(async () => {
      const composed = await this.#compose({ kind: "compose", inForce: "", files, includes });
      if (composed.composition === undefined) return rulesFailure(composed.diagnostics, reader);
      const pending = this.revert.scheduled;
      if (revertAfterMs !== undefined) {
        // what nobody has confirmed is nothing to come back to
        const source = pending?.revert.source ?? this.source;
        // first: whatever happens from now on, the new rules do not outlast their time
        this.revert.arm({ source, dueMs: Date.now() + revertAfterMs, afterMs: revertAfterMs });
      }
      let isMade = false;
      try {
        const answer = await this.#make(composed, reader);
        isMade = answer.ok;
        if (!answer.ok) return answer;
        if (revertAfterMs === undefined) this.revert.disarm();
        const isSkipped = revertAfterMs !== undefined && pending !== undefined;
        const notices = [isSkipped ? SKIPPED : undefined, this.revert.stale];
        return withNotices(answer, ...notices.filter((one) => one !== undefined));
      } finally {
        if (!isMade && revertAfterMs !== undefined) this.revert.rearm(pending);
      }
    });
  }

  /** Replaces the rules by those of files of this machine and of what they include. `problem`: one of them cannot be read. */
  async replaceByFiles(
    paths: readonly string[],
  ): Promise<ChangeAnswer | ErrorAnswer | { readonly problem: string }> {
    const read = await this.#compose({ kind: "read", paths });
    return "problem" in read ? read : this.replace(read.files, read.includes);
  }

  delete(names?: readonly string[], reader: Reader = {}): Promise<ChangeAnswer | ErrorAnswer> {
    return this.#queue.change(async () => {
      const { source: inForce } = this;
      const result = await (names === undefined
        ? this.#compose({ kind: "compose", inForce: "" })
        : this.#compose({ kind: "remove", inForce, names }));
      if (!("unknown" in result)) return this.#withRevert(await this.#make(result, reader));
      const quoted = result.unknown.map((name) => `'${name}'`).join(", ");
      return failure("usage", "no_such_rule", `no rule is named ${quoted}; nothing was deleted`);
    });
  }

  /**
   * The rules in force when it resolves stay. False: there is nothing to confirm, or they have been reverted before
   * it was their turn. Throws where a restart would take the rules back all the same.
   */
  confirm(): Promise<boolean> {
    return this.#queue.change(async () => this.revert.confirm());
  }

  /**
   * Runs `act` when the changes that were asked for are made, or have been given up because they take too long. Afterwards none is
   * made, and none comes by itself; if it throws, all continues as before.
   */
  end(act: () => void): Promise<void> {
    return this.#queue.end(() => {
      act();
      this.revert.end();
    });
  }

  /** Tries again what the state directory had no room for. Once a second. */
  async mend(): Promise<void> {
    if (this.#isMending || (!this.saved.needsMending && this.revert.stale === undefined)) return;
    this.#isMending = true;
    await this.#queue.enqueue(async () => {
      this.#isMending = false;
      if (this.#queue.isEnded) return;
      const { current } = this.#engine;
      if (current !== undefined) await this.saved.mend(current.source);
      this.revert.mend();
    });
  }

  readonly #compose: Compose = (job) => {
    const { compose = composeInThread } = this.#hooks;
    return compose(job, this.#patience.signal);
  };

  async #make({ composition, diagnostics }: Composed, reader: Reader = {}) {
    if (composition === undefined) return rulesFailure(diagnostics, reader);
    let answer: ChangeAnswer | ErrorAnswer | undefined;
    await this.saved.with(composition.source, async () => {
      answer = await this.#switchTo(composition, diagnostics, reader);
      return answer.ok;
    });
    if (answer?.ok) this.revert.forgetStale();
    // after the answer
    void releaseMemory();
    return answer as ChangeAnswer | ErrorAnswer;
  }

  async #switchTo(
    { rules, source }: Composition,
    diagnostics: readonly Diagnostic[],
    reader: Reader,
  ): Promise<ChangeAnswer | ErrorAnswer> {
    this.#queue.checkPatience();
    // what reading them took: the thread that loads them takes as much again
    releaseThread();
    const result = await this.#engine
      .replace(rules, source, this.#hooks.onRetired)
      .catch((error: unknown) => {
        throw error instanceof LoadAbortedError ? new EndingError() : error;
      });
    if (!result.ok) return rulesFailure(result.diagnostics, reader);
    await nextTurn();
    this.#hooks.onChanged();
    await nextTurn();
    const { generation, notices } = result.generation;
    return {
      ok: true,
      generation,
      rules: rules.map(({ name }) => name),
      diagnostics: onWire(diagnostics, reader),
      notices: this.saved.problem === undefined ? notices : [...notices, this.saved.problem],
    };
  }

  /** A change of rules that nobody has confirmed goes with them. */
  #withRevert(answer: ChangeAnswer | ErrorAnswer): ChangeAnswer | ErrorAnswer {
    const { inMs } = this.revert;
    if (!answer.ok || inMs === null) return answer;
    const seconds = Math.ceil(inMs / 1000);
    const notice = `this change is reverted, too, when the rules before come back in ${seconds} s; 'sct config confirm' keeps both`;
    return withNotices(answer, notice);
  }

  /** Rules that were good once and are not now: damage, another version or another kernel. Each start tries them again. */
  #refuseSaved(answer: ErrorAnswer): void {
    this.saved.refuse(`the rules of ${this.#paths.rules} are not in force: ${firstError(answer)}`);
    for (const { text } of answer.error.diagnostics ?? []) this.#hooks.report(text);
  }

  /** Resolves to why they cannot be in force; undefined: they are. */
  async #tryLoad(source: string): Promise<string | undefined> {
    try {
      const answer = await this.#make(await this.#compose({ kind: "compose", inForce: source }));
      return answer.ok ? undefined : firstError(answer);
    } catch (error) {
      return (error as Error).message;
    }
  }
}

const SKIPPED =
  "the rules before these were not confirmed either: unless 'sct config confirm' is run, the last ones that were come back";
