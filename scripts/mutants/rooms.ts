/** All rooms whose important lines are made wrong. */
import { compiler } from "./compiler.ts";
import { engines } from "./engines.ts";
import { events } from "./events.ts";
import type { MutatedRoom } from "./mutant.ts";

export const rooms: readonly MutatedRoom[] = [compiler, engines, events];
