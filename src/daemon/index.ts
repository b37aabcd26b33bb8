/** The door of this room: where things are, and what is said over the control socket. */
export * from "./paths.ts";
export * from "./socket/protocol.ts";
