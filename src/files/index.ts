/** Reading files that users name: the only door to this room. */
export { Accounts } from "./accounts.ts";
export { readBounded, readRegular, readSmallFile, readUpTo } from "./read-file.ts";
export { reasonOf } from "./reason.ts";
