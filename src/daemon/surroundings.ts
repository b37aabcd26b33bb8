/** History and outputs of the service: what it can do without, and says so where it must. */
import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { History } from "../store/index.ts";
import type { Paths } from "./paths.ts";
import type { OutputStatus, StatusAnswer } from "./protocol.ts";
import type { EventOutputs, EventStore } from "./pump.ts";

export interface Surroundings {
  readonly store: EventStore;
  readonly outputs: EventOutputs;
  historyStatus(): StatusAnswer["history"];
  outputStatus(): readonly OutputStatus[];
  problems(): readonly string[];
  reload(): Promise<void>;
  close(): Promise<void>;
}

export function openSurroundings(paths: Paths, tell: (line: string) => void): Surroundings {
  makeStateDirectory(paths, tell);
  const history = History.open(paths.history, { onNotice: tell });
  return {
    store: history,
    outputs: { deliver: () => {} },
    historyStatus() {
      const { storedEvents, notStoredEvents, bytes, problem } = history.counters();
      const file = paths.history;
      if (problem !== undefined) return { state: "off", file, reason: problem, notStoredEvents };
      return { state: "on", file, bytes, storedEvents, notStoredEvents };
    },
    outputStatus: () => [],
    problems() {
      const { problem } = history.counters();
      return problem === undefined ? [] : [`events are not kept: ${problem}`];
    },
    reload: async () => {},
    close: async () => history.close(),
  };
}

/** Without it there is no history, which the history says itself. */
function makeStateDirectory(paths: Paths, tell: (line: string) => void): void {
  try {
    mkdirSync(dirname(paths.history), { recursive: true, mode: 0o700 });
  } catch (error) {
    tell(`cannot make ${paths.stateDir}: ${(error as Error).message}`);
  }
}
