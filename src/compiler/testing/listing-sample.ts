/** One construct of the language, for the listings: a rule, and which calls it denies. */
import type { SimulatedFile } from "./open-files.ts";
import type { SimulatedCall, Simulation } from "./simulation.ts";

export type ListingArgs = NonNullable<SimulatedCall["args"]>;

export interface ListingSample {
  readonly name: string;
  /** The call, its number on x86_64, and what the rule says of it. */
  readonly call: string;
  readonly nr: number;
  /** Name that the rule has for it, with its variants. */
  readonly as?: string;
  /** Filter, or more of the rule. */
  readonly filter?: string;
  readonly more?: string;
  /** Filters of further rules, which share code with the first. */
  readonly alike?: readonly string[];
  /** Labels without numbers: where the part begins and where it ends. */
  readonly from?: string;
  readonly to?: string;
  readonly caller?: ConstructorParameters<typeof Simulation>[3];
  /** What the caller has open. */
  readonly files?: ReadonlyMap<number, SimulatedFile>;
  /** Parameters of calls that are denied. */
  readonly denied: readonly ListingArgs[];
  readonly made: readonly ListingArgs[];
  /** Whose calls are all made. */
  readonly other?: ListingSample["caller"];
}
