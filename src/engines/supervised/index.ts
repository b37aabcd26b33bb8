export type { DeniedUse, Permissions } from "./denied-use.ts";
export { explainSupervised, type SupervisedExplanation } from "./explain.ts";
export { Confinement } from "./landlock/confinement.ts";
export { landlockVersion } from "./landlock/rule-sets.ts";
export { findProgram } from "./launch/find-program.ts";
export { environmentValue, lastArguments, ownEnvironment } from "./launch/own-process.ts";
export { MECHANISMS } from "./mechanisms.ts";
export {
  openSupervisedEngine,
  type SupervisedCommand,
  SupervisedEngine,
  type SupervisedOptions,
} from "./open-supervised.ts";
export type { Finished } from "./supervision.ts";
export type { Answer, Ask, Question } from "./suspended.ts";
