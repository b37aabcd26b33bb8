/**
 * The compiler against the language, with rules and calls that are chosen by what they reach: the interpreter reports which
 * branches of the compiled code were taken and which were passed. Calls that reach new ones are kept and changed a
 * little; so are rule sets whose code has branches of a new kind. A seed decides all of it.
 */
import assert from "node:assert/strict";
import type { Assembled } from "../../src/bpf/asm/index.ts";
import type { Cpu } from "../../src/bpf/vm/index.ts";
import type { KernelFacts } from "../../src/compiler/index.ts";
import type { Arena } from "./arena.ts";
import { jumpKinds, Reached } from "./branches.ts";
import { Chance, supply } from "./chance.ts";
import { families } from "./families.ts";
import { broadRule, CALLS, OBJECTS, type RandomRule, rule, ruleSetText } from "./generate.ts";
import { decideInterpreted } from "./interpreted.ts";
import { interestOf, mutateCall, mutateRules } from "./mutate.ts";
import { type Amount, checkedRules, prototype } from "./property.ts";
import { type RandomCall, randomCall } from "./random-call.ts";
import { type Compared, callText, Differential } from "./run.ts";

/** Calls of a rule set without guidance. */
const CALLS_PER_SET = 40;
/** With it, as many as this that reach nothing new are the end of a rule set. */
const STALE_CALLS = 3;
/** Share of calls that are made from others, where there are any, and of rule sets. */
const CHANGED_CALLS = 3 / 4;
const CHANGED_SETS = 1 / 5;
/** Share of sets in which many rules differ in constants alone. */
const FAMILIES = 1 / 4;
const MAX_KEPT_SETS = 300;
/** Share of rule sets that are on several calls. */
const MIXED_SETS = 1 / 16;

/** What is made by chance, for one call. */
interface Supplies {
  readonly rule: () => RandomRule;
  readonly families: () => RandomRule[];
  readonly call: () => RandomCall;
}

interface KeptSet {
  readonly call: (typeof CALLS)[number];
  readonly rules: readonly RandomRule[];
  /** Each has reached a branch that those before it had not. */
  readonly calls: readonly RandomCall[];
}

export interface GuidedAmount extends Amount {
  /** Without, all is made by chance: to see what guidance is worth. */
  readonly isGuided: boolean;
}

export class GuidedCheck {
  readonly reached = new Reached();
  readonly seen = { nothing: 0, matched: 0, unreadable: 0 };
  pairs = 0;
  readonly #kept: KeptSet[] = [];
  readonly #arena: Arena;
  readonly #facts: KernelFacts;
  readonly #amount: GuidedAmount;
  readonly #chance: Chance;
  readonly #supplies: ReadonlyMap<string, Supplies>;
  readonly #broad: () => RandomRule;

  constructor(arena: Arena, facts: KernelFacts, amount: GuidedAmount) {
    this.#arena = arena;
    this.#facts = facts;
    this.#amount = amount;
    const chance = new Chance(amount.seed);
    this.#chance = chance;
    const call = supply(randomCall, chance);
    this.#broad = supply(broadRule, chance);
    this.#supplies = new Map(
      CALLS.map((name) => {
        const one = rule(prototype, name, OBJECTS);
        const many = supply(families(prototype, name, one), chance);
        return [name, { rule: supply(one, chance), families: many, call }];
      }),
    );
  }

  /** Fails on the first pair about which the two disagree. */
  run(): void {
    while (this.pairs < this.#amount.pairs) this.#checkSet(this.#nextSet());
  }

  #nextSet(): KeptSet {
    const chance = this.#chance;
    const isChanged = this.#amount.isGuided && this.#kept.length > 0 && chance.is(CHANGED_SETS);
    if (isChanged) {
      const kept = chance.of(this.#kept);
      return { ...kept, rules: mutateRules(kept.rules, chance, this.#suppliesOf(kept).rule) };
    }
    const call = chance.of(CALLS);
    const { rule: make, families: makeMany } = this.#supplies.get(call) as Supplies;
    if (chance.is(FAMILIES)) return { call, rules: makeMany(), calls: [] };
    const isMixed = chance.is(MIXED_SETS);
    const rules = Array.from({ length: 1 + chance.below(4) }, () => {
      if (!isMixed || chance.is(1 / 3)) return make();
      if (chance.is(1 / 2)) return this.#broad();
      return (this.#supplies.get(chance.of(CALLS)) as Supplies).rule();
    });
    return { call, rules, calls: [] };
  }

  #suppliesOf({ call }: KeptSet): Supplies {
    return this.#supplies.get(call) as Supplies;
  }

  #checkSet(set: KeptSet): void {
    const opened: { cpu: Cpu; code: Assembled }[] = [];
    const decide = decideInterpreted(this.#arena, (cpu, code) => opened.push({ cpu, code }));
    const rules = checkedRules(ruleSetText(set.rules));
    const both = new Differential(rules, this.#facts, this.#arena, decide);
    const [{ cpu, code }] = opened as [(typeof opened)[0]];
    const calls: RandomCall[] = [];
    for (const call of this.#callsFor(set, calls)) {
      const before = cpu.branchCount;
      this.#compare(both, call, set.rules);
      if (cpu.branchCount > before) calls.push(call);
    }
    if (this.reached.add(cpu, jumpKinds(code))) this.#keep({ ...set, calls });
  }

  /** `kept` grows while they are tried: what stands in it is worth to be changed. */
  *#callsFor(set: KeptSet, kept: readonly RandomCall[]): Generator<RandomCall> {
    const { call: make } = this.#suppliesOf(set);
    if (!this.#amount.isGuided) {
      for (let n = 0; n < CALLS_PER_SET; n++) yield make();
      return;
    }
    yield* set.calls;
    const chance = this.#chance;
    const interest = interestOf(set.rules);
    for (let stale = 0, known = kept.length; stale < STALE_CALLS; ) {
      const isChanged = kept.length > 0 && chance.is(CHANGED_CALLS);
      yield isChanged ? mutateCall(chance.of(kept), chance, interest, make()) : make();
      stale = kept.length > known ? 0 : stale + 1;
      known = kept.length;
    }
  }

  #keep(set: KeptSet): void {
    if (this.#kept.length === MAX_KEPT_SETS) this.#kept.shift();
    this.#kept.push(set);
  }

  #compare(both: Differential, call: RandomCall, rules: readonly RandomRule[]): void {
    const compared = both.compare(call);
    const { decided, evaluator } = compared;
    this.pairs += rules.length;
    if (evaluator === 0) this.seen.nothing++;
    else if ((evaluator & 0xaaaaaaaa) !== 0) this.seen.unreadable++;
    else this.seen.matched++;
    if (decided !== evaluator) this.#fail(compared, call, rules);
  }

  /** With one rule alone where it is wrong alone. */
  #fail(compared: Compared, call: RandomCall, rules: readonly RandomRule[]): never {
    const decide = decideInterpreted(this.#arena);
    const wrong = rules
      .map((one) => ruleSetText([one]))
      .find((text) => {
        const both = new Differential(checkedRules(text), this.#facts, this.#arena, decide);
        const { decided, evaluator } = both.compare(call);
        return decided !== evaluator;
      });
    const { decided, evaluator } = compared;
    assert.fail(
      `seed ${this.#amount.seed}: the program decides ${decided.toString(2)}, the language ${evaluator.toString(2)}\n` +
        `${wrong ?? ruleSetText(rules)}\n${callText(compared)}`,
    );
  }
}
