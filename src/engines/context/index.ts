/** What events of this machine are shown with, whichever engine made them: its clock, its names. */
export { bootOffsetNs, bootTimeNs } from "./boot-clock.ts";
export { eventNames } from "./event-names.ts";
export { findUserId } from "./user-names.ts";
