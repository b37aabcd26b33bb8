/** How the events of rule sets are written for outputs; made once for each rule set, and shared. */
import { eventNames } from "../../engines/context/index.ts";
import { JsonFormatter, TextFormatter, TimestampFormatter, WallClock } from "../../events/index.ts";
import type { Site } from "../../events/site.ts";
import { type CheckedRule, logs } from "../../language/index.ts";
import type { OutputRule } from "../../sinks/index.ts";
import { aboutRule } from "./about-rule.ts";

/** As far as its events need it. */
export interface NumberedSites {
  readonly generation: number;
  /** Its records carry the numbers [firstSite, firstSite + sites.length). */
  readonly firstSite: number;
  readonly sites: readonly Site[];
}

export interface Forms {
  readonly text: TextFormatter;
  readonly json: JsonFormatter;
  readonly ts: TimestampFormatter;
  /** Rule of the site with this number. */
  rule(site: number): OutputRule | undefined;
}

export class EventForms {
  readonly #clock = new WallClock(0n);
  readonly #names = eventNames();
  readonly #known = new WeakMap<NumberedSites, Forms>();
  #offsetNs = 0n;

  /** CLOCK_REALTIME minus CLOCK_BOOTTIME of the events that are written next, ns. */
  set bootOffsetNs(offsetNs: bigint) {
    if (offsetNs === this.#offsetNs) return;
    this.#offsetNs = offsetNs;
    this.#clock.adjust(offsetNs);
  }

  of(set: NumberedSites): Forms {
    const known = this.#known.get(set) ?? this.#make(set);
    this.#known.set(set, known);
    return known;
  }

  #make({ generation, firstSite, sites }: NumberedSites): Forms {
    const context = { clock: this.#clock, names: this.#names, generation, firstSite };
    const rules = rulesOf(sites);
    return {
      text: new TextFormatter(sites, context),
      json: new JsonFormatter(sites, context),
      ts: new TimestampFormatter(sites, context),
      rule: (site) => rules[site - firstSite],
    };
  }
}

/** The rule set that a record of this site belongs to. */
export function findRuleSet<T extends NumberedSites>(
  sets: readonly T[],
  site: number,
): T | undefined {
  return sets.find(({ firstSite, sites }) => site >= firstSite && site < firstSite + sites.length);
}

/** Of each site; sites of one rule share it. */
function rulesOf(sites: readonly Site[]): readonly OutputRule[] {
  const known = new Map<CheckedRule, OutputRule>();
  return sites.map(({ rule }) => {
    const made = known.get(rule) ?? { name: rule.name, hasLine: logs(rule), ...aboutRule(rule) };
    known.set(rule, made);
    return made;
  });
}
