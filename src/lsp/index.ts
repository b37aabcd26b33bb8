/** The language server: the only door to this room. */
export { serveLsp } from "./server.ts";
