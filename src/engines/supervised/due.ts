/**
 * Which rules take a call for their own, asked once for each call that is made: what is evaluated again, because a stop or a
 * signal came between or because it sends several messages, does not count twice.
 */
import type { CallView, CheckedRule, Listener } from "../../language/index.ts";
import type { TracedCall } from "./call/traced-call.ts";
import { failsAnyway } from "./fails-anyway.ts";
import { FrequencyCounter, randomFrom } from "./frequency.ts";
import { goesTo } from "./own-proxy.ts";
import type { RuleIndex } from "./rule-index.ts";

type Answers = Map<CheckedRule, boolean>;
type IsDue = NonNullable<Listener["isDue"]>;

export class DueRules {
  readonly #index: RuleIndex;
  /** By the place of the rule: all calls that it names count together. */
  readonly #counters: readonly (FrequencyCounter | undefined)[];
  readonly #asks: boolean;
  readonly #proxyPort: number | undefined;
  readonly #answers = new WeakMap<TracedCall, Answers>();

  /** `proxyPort`: on 127.0.0.1, where policies decide about names. */
  constructor(rules: readonly CheckedRule[], index: RuleIndex, seed: number, proxyPort?: number) {
    const random = randomFrom(seed);
    this.#proxyPort = proxyPort;
    this.#index = index;
    this.#asks = rules.some(
      ({ frequency, policy }) => frequency !== undefined || policy !== undefined,
    );
    this.#counters = rules.map(
      ({ frequency }) => frequency && new FrequencyCounter(frequency, random),
    );
  }

  /** What to ask about rules that match the call; `former`: the same call, made before. Undefined: all of them. */
  of(call: TracedCall, former: TracedCall | undefined): IsDue | undefined {
    // most sets have none: their calls are to cost nothing here
    if (!this.#asks) return undefined;
    const answers: Answers = (former && this.#answers.get(former)) ?? new Map();
    return (rule, view) => {
      if (rule.policy !== undefined)
        return !failsAnyway(rule.policy, view) && !this.#isForProxy(rule.policy, view);
      this.#answers.set(call, answers);
      const known = answers.get(rule);
      if (known !== undefined) return known;
      const counter = this.#counters[this.#index.placeOf(rule)];
      const isDue = counter?.isDue(view, process.hrtime.bigint()) ?? true;
      answers.set(rule, isDue);
      return isDue;
    };
  }

  #isForProxy({ right }: NonNullable<CheckedRule["policy"]>, view: CallView): boolean {
    return right === "connect" && this.#proxyPort !== undefined && goesTo(view, this.#proxyPort);
  }
}
