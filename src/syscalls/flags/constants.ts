/** Header → name → value. */
export type Constants = Readonly<Record<string, Readonly<Record<string, number | bigint>>>>;
