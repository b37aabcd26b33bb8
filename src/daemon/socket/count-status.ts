/** What rules have counted, as `status` says it. */

/** Larger than 2^53: as text. */
export type WholeNumber = number | string;

export interface CountRowStatus {
  /** A number, a text, null: the call has none, false: unreadable. Texts as in the JSON of events. */
  readonly key: readonly (WholeNumber | null | false)[];
  readonly count: WholeNumber;
  /** As `sum` of the rule. */
  readonly sum?: readonly WholeNumber[];
  /** As `hist` of the rule: from, the first number behind, calls. */
  readonly hist?: readonly (readonly (readonly [WholeNumber, WholeNumber, WholeNumber])[])[];
}

export interface CountStatus {
  readonly rule: string;
  readonly by: readonly string[];
  readonly sum: readonly string[];
  readonly hist: readonly string[];
  /** Those with most calls. */
  readonly rows: readonly CountRowStatus[];
  /** Keys that are left out here, and their calls. */
  readonly more: { readonly keys: number; readonly count: WholeNumber };
  /** Calls for whose keys there was no room. */
  readonly other: WholeNumber;
}
