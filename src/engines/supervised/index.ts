export { AttachEngine } from "./attach/attach-engine.ts";
export { allowTracer, Mark, makeMark } from "./attach/marks.ts";
export { describeCall } from "./call/describe-call.ts";
export { explainSupervised, type SupervisedExplanation } from "./explain.ts";
export { findProgram } from "./launch/find-program.ts";
export type { Mechanism } from "./launch/launch.ts";
export { environmentValue, lastArguments, ownEnvironment } from "./launch/own-process.ts";
export {
  type Command,
  chooseMechanism,
  openSupervisedEngine,
  type SupervisedEngine,
  type SupervisedOptions,
  type SupervisedResult,
} from "./open-supervised.ts";
export { isRaceFree, type Race, racesOf } from "./races.ts";
export type { Finished } from "./supervision.ts";
export { unsupportedBy } from "./support.ts";
export type { Answer, Ask, Question } from "./suspended.ts";
