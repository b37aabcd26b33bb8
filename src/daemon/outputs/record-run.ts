/** Records of the ring as outputs share them. */
import { type SctEvent, TextBuffer } from "../../events/index.ts";
import type {
  Choice,
  EventRun,
  Format,
  LineSpan,
  OutputEvent,
  OutputRule,
  StoredPosition,
} from "../../sinks/index.ts";
import type { EventForms, Forms } from "./event-forms.ts";
import { RecordIndex } from "./record-index.ts";
import { RunForms } from "./run-forms.ts";

/** What a run takes beside its records. */
const OWN_BYTES = 1024;

export interface RecordRunOptions {
  readonly forms: EventForms;
  /** Whole records with their headers; they are copied. */
  readonly memory: Uint8Array;
  readonly bootOffsetNs: bigint;
  readonly position: StoredPosition | undefined;
  /** Of the rule set that a record with this site belongs to. Is asked at once, not later. */
  readonly find: (site: number) => Forms | undefined;
}

export class RecordRun implements EventRun {
  readonly rules: ReadonlyMap<OutputRule, number>;
  position: StoredPosition | undefined;
  onGrow: (bytes: number) => void = () => undefined;
  readonly #clock: EventForms;
  readonly #bootOffsetNs: bigint;
  readonly #index: RecordIndex;
  readonly #sets: ReadonlyMap<number, Forms | undefined>;
  #forms: RunForms | undefined;

  constructor({ forms, memory, bootOffsetNs, position, find }: RecordRunOptions) {
    this.position = position;
    this.#clock = forms;
    this.#bootOffsetNs = bootOffsetNs;
    this.#index = new RecordIndex(Uint8Array.from(memory));
    const { sites } = this.#index;
    this.#sets = new Map([...sites.keys()].map((site) => [site, find(site)]));
    const rules = new Map<OutputRule, number>();
    for (const [site, count] of sites) {
      const rule = this.#sets.get(site)?.rule(site);
      if (rule !== undefined) rules.set(rule, (rules.get(rule) ?? 0) + count);
    }
    this.rules = rules;
  }

  get count(): number {
    return this.#index.count;
  }

  get bytes(): number {
    return this.#index.memory.length;
  }

  get size(): number {
    return this.#index.size + OWN_BYTES + (this.#forms?.size ?? 0);
  }

  rule(index: number): OutputRule | undefined {
    const site = this.#index.site(index);
    return this.#sets.get(site)?.rule(site);
  }

  event(index: number): OutputEvent {
    const rule = this.rule(index);
    if (rule === undefined) throw new RangeError(`Nothing is known of event ${index}`);
    return new RecordEvent(this, index, rule);
  }

  lines(from: number, to: number, format: Format, wants: Choice, most: number): LineSpan {
    const wantsIndex = (index: number): boolean => wants(this.rule(index));
    return this.ask((forms) => forms.lines(from, to, format, wantsIndex, most));
  }

  /** What `ask` wants of the forms; they are made now, or were before. */
  ask<T>(ask: (forms: RunForms) => T): T {
    this.#forms ??= new RunForms(this.count, this.bytes, (index, form, out) =>
      this.write(index, form, out),
    );
    const before = this.#forms.size;
    const answer = ask(this.#forms);
    const grown = this.#forms.size - before;
    if (grown !== 0) this.onGrow(grown);
    return answer;
  }

  /** Throws RecordError. */
  write(index: number, form: Format | "ts", out: TextBuffer): void {
    const { memory } = this.#index;
    this.#clock.bootOffsetNs = this.#bootOffsetNs;
    this.#sets
      .get(this.#index.site(index))
      ?.[form].format(memory, this.#index.offset(index), this.#index.length(index), out);
  }

  dropForms(): void {
    const size = this.#forms?.size ?? 0;
    this.#forms?.dispose();
    this.#forms = undefined;
    if (size > 0) this.onGrow(-size);
  }

  dispose(): void {
    this.#forms?.dispose();
    this.#forms = undefined;
    this.#index.dispose();
  }

  forgetPosition(): void {
    this.position = undefined;
  }
}

class RecordEvent implements OutputEvent {
  readonly rule: OutputRule;
  readonly #run: RecordRun;
  readonly #index: number;

  constructor(run: RecordRun, index: number, rule: OutputRule) {
    this.#run = run;
    this.#index = index;
    this.rule = rule;
  }

  get ts(): string {
    const out = new TextBuffer(64);
    this.#run.write(this.#index, "ts", out);
    return Buffer.from(out.view()).toString("latin1");
  }

  get text(): string {
    return this.#run.ask((forms) => forms.string(this.#index, "text"));
  }

  get json(): string {
    return this.#run.ask((forms) => forms.string(this.#index, "json"));
  }

  get event(): SctEvent {
    return this.#run.ask((forms) => forms.event(this.#index));
  }

  line(format: Format): Uint8Array | undefined {
    return this.#run.ask((forms) => forms.line(this.#index, format));
  }
}
