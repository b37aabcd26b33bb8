/** The door of this room: what a command was seen to use in, a proposal for a policy out. */
export { type AddedEntry, addedEntries, withEntries, withLines } from "./extend.ts";
export { learnedRuns, nextRun, withRuns } from "./history.ts";
export { type Proposal, propose, whyNotProposed } from "./propose.ts";
export { isNeverWhole } from "./roots.ts";
export { LEARNED, notProposedLines, proposalText } from "./text.ts";
export { UseTable } from "./use.ts";
