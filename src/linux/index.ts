/** What Linux calls are: names, numbers, parameters, constants, variants. Data and lookups, no effects. */
export { type CallInfo, callInfo } from "./call-info.ts";
export { type Call, callName, findCall } from "./calls.ts";
export { type Dependence, dependenceOf, UNUSED } from "./dependent-symbols.ts";
export type { Param } from "./prototype.ts";
export { formatCall, formatCallTable, formatClass } from "./show.ts";
export { formatSymbol } from "./symbols.ts";
export { vocabulary } from "./vocabulary.ts";
