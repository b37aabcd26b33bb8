/** What the literal paths of rules mean on this machine, for both engines. */
export { FileNames, fileTestsOf } from "./file-names.ts";
export { KnownFiles } from "./known-files.ts";
export { atOnce, inTurns, Repeated, type Steps } from "./steps.ts";
