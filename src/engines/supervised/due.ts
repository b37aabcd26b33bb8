/**
 * Which rules take a call for their own, asked once for each call that is made: what is evaluated again, because a stop or a
 * signal came between or because it sends several messages, does not count twice.
 */
import type { CallView, CheckedRule, Listener } from "../../language/index.ts";
import type { TracedCall } from "./call/traced-call.ts";
import { type DeniedUse, deniedUse, type Permissions } from "./denied-use.ts";
import { failsAnyway } from "./fails-anyway.ts";
import { FrequencyCounter, randomFrom } from "./frequency.ts";
import { goesTo } from "./own-proxy.ts";
import type { RuleIndex } from "./rule-index.ts";

type Answers = Map<CheckedRule, boolean>;
/** Where policies decide about names: the port on 127.0.0.1. Where somebody is asked: what he has allowed. */
interface DueOptions {
  readonly proxyPort?: number | undefined;
  readonly permissions?: Permissions | undefined;
}

/** The same call, as it was decided before. */
interface JudgedBefore {
  readonly call: TracedCall;
  /** What somebody has allowed it alone. */
  readonly lifted: readonly DeniedUse[];
}

type IsDue = NonNullable<Listener["isDue"]>;

export class DueRules {
  readonly #index: RuleIndex;
  /** By the place of the rule: all calls that it names count together. */
  readonly #counters: readonly (FrequencyCounter | undefined)[];
  readonly #asks: boolean;
  readonly #proxyPort: number | undefined;
  readonly #permissions: Permissions | undefined;
  readonly #answers = new WeakMap<TracedCall, Answers>();

  constructor(
    rules: readonly CheckedRule[],
    index: RuleIndex,
    seed: number,
    { proxyPort, permissions }: DueOptions = {},
  ) {
    const random = randomFrom(seed);
    this.#proxyPort = proxyPort;
    this.#permissions = permissions;
    this.#index = index;
    this.#asks =
      permissions !== undefined ||
      rules.some(({ frequency, policy }) => frequency !== undefined || policy !== undefined);
    this.#counters = rules.map(
      ({ frequency }) => frequency && new FrequencyCounter(frequency, random),
    );
  }

  /** What to ask about rules that match the call; `former`: the same call, made before. Undefined: all of them. */
  of(call: TracedCall, former: JudgedBefore | undefined): IsDue | undefined {
    // most sets have none: their calls are to cost nothing here
    if (!this.#asks) return undefined;
    const answers: Answers = (former && this.#answers.get(former.call)) ?? new Map();
    return (rule, view) => {
      if (this.#permissions?.isAsked(rule) === true && this.#isAllowed(rule, view, former?.lifted))
        return false;
      if (rule.policy !== undefined)
        return !failsAnyway(rule.policy, view) && !this.#isForProxy(rule.policy, view);
      if (rule.frequency === undefined) return true;
      this.#answers.set(call, answers);
      const known = answers.get(rule);
      if (known !== undefined) return known;
      const counter = this.#counters[this.#index.placeOf(rule)];
      const isDue = counter?.isDue(view, process.hrtime.bigint()) ?? true;
      answers.set(rule, isDue);
      return isDue;
    };
  }

  /** By somebody who was asked: for this call, or for longer. */
  #isAllowed(rule: CheckedRule, view: CallView, lifted: readonly DeniedUse[] = []): boolean {
    const use = deniedUse(rule, view);
    if (use === undefined) return false;
    return lifted.some((one) => isSameUse(one, use)) || this.#permissions?.permits(use) === true;
  }

  #isForProxy({ right }: NonNullable<CheckedRule["policy"]>, view: CallView): boolean {
    return right === "connect" && this.#proxyPort !== undefined && goesTo(view, this.#proxyPort);
  }
}

function isSameUse(a: DeniedUse, b: DeniedUse): boolean {
  return (
    a.rule === b.rule &&
    a.names.length === b.names.length &&
    a.names.every((name, i) => name === b.names[i])
  );
}
