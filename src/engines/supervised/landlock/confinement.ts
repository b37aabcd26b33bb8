/** Landlock over the policies of one run: what it holds, what rules still have to decide, and the rule sets for the command. */
import type { CheckedRule } from "../../../language/index.ts";
import type { Fd } from "../../../sys/index.ts";
import { isLoader } from "./loaders.ts";
import { type Holding, type LandlockPlan, planLandlock } from "./plan.ts";
import { createRuleSet, findPlace, landlockVersion, restrictFlags } from "./rule-sets.ts";

/** Of the launcher: what the command puts itself under. */
export interface Restriction {
  /** Descriptors of rule sets. */
  readonly ruleSets: readonly number[];
  /** Of landlock_restrict_self. */
  readonly flags: number;
}

export class Confinement {
  readonly version: number;
  readonly #plan: LandlockPlan;

  /** `proxyPort`: to which the command may connect, whatever policies say. */
  constructor(rules: readonly CheckedRule[], proxyPort?: number) {
    // nobody asks the kernel without need
    this.version = rules.some(({ policy }) => policy !== undefined) ? landlockVersion() : 0;
    this.#plan = planLandlock(rules, this.version, findPlace, proxyPort);
  }

  /** Undefined for rules that belong to no policy, or to one that denies nothing. */
  holding(rule: CheckedRule): Holding | undefined {
    return this.#plan.holdings.get(rule);
  }

  /** The kernel decides as the rule does, whatever else happens. */
  isHeld(rule: CheckedRule): boolean {
    return this.holding(rule)?.by === "Landlock";
  }

  /** Nothing that reaches the kernel by another way than calls gets around the rule. */
  isHeldBesidesCalls(rule: CheckedRule): boolean {
    // no ring executes programs
    return (
      this.isHeld(rule) || (this.holding(rule)?.by === "both" && rule.policy?.right === "execute")
    );
  }

  /** One line for each name in a policy that leads to nothing. */
  notices(): readonly string[] {
    return this.#plan.missing
      .filter(({ name }) => !isLoader(name))
      .map(
        ({ policy, name }) =>
          `'${name}' does not exist: as policy ${policy} is enforced, nothing is allowed there in this run`,
      );
  }

  /** Rule sets of the kernel, until they are closed. Throws SyscallError. */
  open(): readonly Fd[] {
    const opened: Fd[] = [];
    try {
      for (const layer of this.#plan.layers) opened.push(createRuleSet(layer));
      return opened;
    } catch (error) {
      for (const fd of opened) fd.close();
      throw error;
    }
  }

  restriction(opened: readonly Fd[]): Restriction {
    return { ruleSets: opened.map(({ number }) => number), flags: restrictFlags(this.version) };
  }
}
