/** What Linux calls are: names, numbers, parameters, constants, variants. Data and lookups, no effects. */
export { type Call, callName, findCall } from "./calls.ts";
export { vocabulary } from "./vocabulary.ts";
