/** The contract between the language and all that carries its rules out. */
export * from "./expression.ts";
export type * from "./policy.ts";
export * from "./rule.ts";
