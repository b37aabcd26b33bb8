/** Records, counters and limits: everything that a rule that acts leaves behind. */
import { extraMacros, type Macro, type Site } from "../../events/index.ts";
import { RecordFlag } from "../../events/layout.ts";
import {
  type Acting,
  CallCounter,
  type CallView,
  type CheckedRule,
  type CountTable,
  countOf,
  makesEvents,
  type Presentation,
  shownBuffers,
} from "../../language/index.ts";
import { vocabulary } from "../../linux/index.ts";
import { bootTimeNs } from "../context/boot-clock.ts";
import type { EngineCounters, RecordSink, RuleCounters } from "../engine.ts";
import { PresentedCall } from "./call/presented-call.ts";
import { Limiter } from "./limiter.ts";
import type { Needs } from "./needs.ts";
import { RecordWriter } from "./record-writer.ts";
import type { RuleIndex } from "./rule-index.ts";

type Counts = { -readonly [K in keyof RuleCounters]: RuleCounters[K] };

export interface ReportedCall {
  readonly acting: Acting;
  /** Of `after` rules: ns that the call took. */
  readonly durationNs: bigint;
  /** The call does not run. */
  readonly isSkipped: boolean;
}

interface Reporting {
  readonly index: RuleIndex;
  readonly needs: Needs;
  /** Records of calls without a line have readers, too. */
  readonly showsAll: boolean;
  /** Rules whose records have no number. Default: none. */
  readonly isSilent?: ((rule: CheckedRule) => boolean) | undefined;
}

export class EventReporter {
  readonly sites: readonly Site[];
  readonly #index: RuleIndex;
  readonly #sites: readonly Map<Presentation, number>[];
  readonly #counts: Counts[];
  readonly #bySite: number[];
  readonly #macros: readonly (readonly Macro[])[];
  /** Of each site, as far as one has reported. */
  readonly #buffers = new Map<number, readonly number[]>();
  readonly #counters: readonly (CallCounter | undefined)[];
  readonly #limiters: readonly (Limiter | undefined)[];
  /** Of CLOCK_BOOTTIME ahead of the clock that Node reads without a system call, ns. */
  readonly #bootOffset = bootTimeNs() - process.hrtime.bigint();
  readonly #writer: RecordWriter;
  readonly #showsAll: boolean;
  readonly #isSilent: (rule: CheckedRule) => boolean;
  #sink: RecordSink | undefined;
  #seq = 0;

  constructor(
    rules: readonly CheckedRule[],
    { index, needs, showsAll, isSilent = () => false }: Reporting,
  ) {
    this.#writer = new RecordWriter(needs);
    this.#showsAll = showsAll;
    this.#isSilent = isSilent;
    this.#index = index;
    const sites: Site[] = [];
    this.#sites = rules.map((rule, ruleIndex) => {
      const known = new Map<Presentation, number>();
      for (const { presentations } of rule.targets) {
        for (const presentation of presentations) {
          if (known.has(presentation)) continue;
          known.set(presentation, sites.length);
          sites.push({ ruleIndex, rule, presentation });
        }
      }
      return known;
    });
    this.sites = sites;
    this.#bySite = sites.map(() => 0);
    this.#macros = rules.map(extraMacros);
    this.#limiters = rules.map(({ limit }) => limit && new Limiter(limit));
    this.#counters = rules.map((rule) => {
      const action = countOf(rule);
      return action && new CallCounter(rule.name, action, vocabulary);
    });
    this.#counts = rules.map((rule) => ({
      rule: rule.name,
      matched: 0,
      delivered: 0,
      limited: 0,
      dropped: 0,
      unreadable: 0,
      missed: 0,
      skipped: 0,
    }));
  }

  open(sink: RecordSink): void {
    this.#sink = sink;
  }

  report({ acting, durationNs, isSkipped }: ReportedCall): void {
    const { rule, target, call, unreadable } = acting;
    const place = this.#index.placeOf(rule);
    const counts = this.#counts[place];
    const site = this.#sites[place]?.get(call.presentation);
    if (counts === undefined || site === undefined)
      throw new Error("a rule acts that was not given");
    counts.matched++;
    this.#bySite[site] = (this.#bySite[site] ?? 0) + 1;
    if (unreadable) counts.unreadable++;
    if (target.counted !== undefined) this.#counters[place]?.add(target.counted, call);
    if (!makesEvents(rule)) return;
    const time = process.hrtime.bigint() + this.#bootOffset;
    const admitted = this.#limiters[place]?.admit(call, time);
    if (admitted === "held back") {
      counts.limited++;
      return;
    }
    counts.delivered++;
    const isSilent = this.#isSilent(rule);
    if (!isSilent && !this.#showsAll && !rule.actions.some(({ type }) => type === "LOG")) return;
    const flags =
      (unreadable ? RecordFlag.unreadable : 0) |
      (isSkipped ? RecordFlag.callSkipped : 0) |
      (admitted === "reported after a gap" ? RecordFlag.throttled : 0);
    if (!(call instanceof PresentedCall)) throw new Error("a call that is not a process's");
    const header = {
      site,
      seq: isSilent ? 0 : ++this.#seq,
      time,
      duration: durationNs,
      flags,
      macros: this.#macros[place] ?? [],
      buffers: this.#buffersOf(site, rule, call),
    };
    const length = this.#writer.write(call, header);
    this.#sink?.record(this.#writer.bytes, 0, length);
  }

  #buffersOf(site: number, rule: CheckedRule, { presentation }: CallView): readonly number[] {
    const known = this.#buffers.get(site);
    if (known !== undefined) return known;
    const shown = shownBuffers(rule, presentation);
    this.#buffers.set(site, shown);
    return shown;
  }

  /** A rule could not be decided, and on_unreadable lets the call pass. */
  skipped(rule: CheckedRule): void {
    const counts = this.#counts[this.#index.placeOf(rule)];
    if (counts !== undefined) counts.unreadable++;
  }

  counters(): EngineCounters {
    return { rules: this.#counts, bySite: this.#bySite, recursionMisses: 0, readerDropped: 0 };
  }

  countTables(): readonly CountTable[] {
    return this.#counters.flatMap((counter) => counter?.table() ?? []);
  }
}
