/** The door of this room: what a command was seen to use in, a proposal for a policy out. */
export { type AddedEntry, addedEntries, withEntries } from "./extend.ts";
export { learnedRuns, nextRun, withRuns } from "./history.ts";
export { type Proposal, propose } from "./propose.ts";
export { LEARNED, notProposedLines, proposalText } from "./text.ts";
export { UseTable } from "./use.ts";
