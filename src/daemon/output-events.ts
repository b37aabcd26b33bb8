/** Raw bytes of the ring as events for outputs; each form is made when an output first asks for it. */

import { eventNames } from "../engines/context/index.ts";
import {
  JsonFormatter,
  type SctEvent,
  TextBuffer,
  TextFormatter,
  WallClock,
} from "../events/index.ts";
import { type CheckedRule, logs } from "../language/index.ts";
import type { OutputEvent, OutputRule } from "../sinks/index.ts";
import { aboutRule } from "./about-rule.ts";
import type { LoadedGeneration } from "./engine.ts";

/** Header of a record in the ring: u32 length with flags, u32 page offset. */
const HEADER = 8;
const LENGTH_MASK = 0x3fffffff;
const DISCARDED = 0x40000000;

interface Formatters {
  readonly owner: LoadedGeneration;
  /** Of each site; sites of one rule share it. */
  readonly rules: readonly OutputRule[];
  readonly text: TextFormatter;
  readonly json: JsonFormatter;
}

const NO_RULE: OutputRule = { name: "", hasLine: true };

export class OutputEvents {
  readonly #clock = new WallClock(0n);
  readonly #out = new TextBuffer();
  readonly #utf8 = new TextDecoder("utf-8", { ignoreBOM: true });
  #formatters: readonly Formatters[] = [];
  #known: readonly LoadedGeneration[] = [];

  /** Events may be asked while they are iterated, not later: they read `bytes`. Records of unknown rules are left out. */
  *of(
    bytes: Uint8Array,
    generations: readonly LoadedGeneration[],
    bootOffsetNs: bigint,
  ): Generator<OutputEvent> {
    this.#learn(generations);
    this.#clock.adjust(bootOffsetNs);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    for (let at = 0; at + HEADER <= bytes.length; ) {
      const header = view.getUint32(at, true);
      const length = header & LENGTH_MASK;
      const start = at + HEADER;
      at += (length + HEADER + 7) & ~7;
      if ((header & DISCARDED) !== 0) continue;
      const site = view.getUint32(start, true);
      const found = this.#formatters.find(
        ({ owner: { firstSite, sites } }) => site >= firstSite && site < firstSite + sites.length,
      );
      if (found !== undefined) yield this.#event(found, site, bytes, start, length);
    }
  }

  #event(
    { owner, rules, text, json }: Formatters,
    site: number,
    bytes: Uint8Array,
    start: number,
    length: number,
  ): OutputEvent {
    const line = (formatter: TextFormatter | JsonFormatter): string => {
      this.#out.clear();
      formatter.format(bytes, start, length, this.#out);
      return this.#utf8.decode(this.#out.view()).replace(/\n$/, "");
    };
    let madeText: string | undefined;
    let madeJson: string | undefined;
    let madeEvent: SctEvent | undefined;
    return {
      rule: rules[site - owner.firstSite] ?? NO_RULE,
      get ts() {
        return this.event.ts;
      },
      get text() {
        madeText ??= line(text);
        return madeText;
      },
      get json() {
        madeJson ??= line(json);
        return madeJson;
      },
      get event() {
        madeEvent ??= JSON.parse(this.json) as SctEvent;
        return madeEvent;
      },
    };
  }

  #learn(generations: readonly LoadedGeneration[]): void {
    if (generations.at(-1) === this.#known.at(-1) && generations.length === this.#known.length)
      return;
    this.#known = generations;
    const names = eventNames();
    this.#formatters = generations.map((owner) => {
      const known = this.#formatters.find((formatters) => formatters.owner === owner);
      if (known !== undefined) return known;
      const { generation, firstSite, sites } = owner;
      const context = { clock: this.#clock, names, generation, firstSite };
      return {
        owner,
        rules: rulesOf(owner),
        text: new TextFormatter(sites, context),
        json: new JsonFormatter(sites, context),
      };
    });
  }
}

function rulesOf({ sites }: LoadedGeneration): readonly OutputRule[] {
  const known = new Map<CheckedRule, OutputRule>();
  return sites.map(({ rule }) => {
    const made = known.get(rule) ?? { name: rule.name, hasLine: logs(rule), ...aboutRule(rule) };
    known.set(rule, made);
    return made;
  });
}
