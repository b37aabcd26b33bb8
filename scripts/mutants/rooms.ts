/** All rooms whose important lines are made wrong. */
import { compiler } from "./compiler.ts";
import type { MutatedRoom } from "./mutant.ts";

export const rooms: readonly MutatedRoom[] = [compiler];
