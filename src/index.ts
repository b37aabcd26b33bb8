/** The library: rules over the machine (`watch`) and over a command (`run`); see docs/library.md. */
export * from "./library/index.ts";
