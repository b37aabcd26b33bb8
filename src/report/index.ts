export { reportPage } from "./page.ts";
export type { Addressee, ProcessFacts, UseKind } from "./session.ts";
export { SessionTable } from "./session-table.ts";
