/** The report of `sct run --report FILE`: what the run did, was denied and why, as JSON or as a page (docs/policies.md). */

import { toJson } from "../../base/escape.ts";
import { sourcePlace } from "../../base/position.ts";
import type { EngineCounters } from "../../engines/engine.ts";
import type { Finished } from "../../engines/supervised/index.ts";
import { decodeText } from "../../events/index.ts";
import type { CheckedRule } from "../../language/index.ts";
import type { DeniedByPolicy } from "../../library/protocol.ts";
import { reportPage } from "../../report/index.ts";
import type { SessionRecorder } from "./session-recorder.ts";

export interface ReportedRun {
  /** Those of the user. */
  readonly rules: readonly CheckedRule[];
  readonly counters: EngineCounters;
  readonly why: readonly DeniedByPolicy[];
  readonly finished: Finished;
  readonly argv: readonly Uint8Array[];
  readonly session: SessionRecorder;
  /** Lines of the log that could not be written. */
  readonly lostLines: number;
}

/** For a file of this name: a page where it ends in .html, else one JSON object and a line end. */
export function reportText(file: string, run: ReportedRun): string {
  const report = reportOf(run);
  return /\.html?$/i.test(file) ? reportPage(report) : `${toJson(report)}\n`;
}

function reportOf(run: ReportedRun): object {
  const { rules, counters, why, finished, argv, session, lostLines } = run;
  const { ending } = finished;
  const counts = new Map(counters.rules.map((one) => [one.rule, one]));
  session.flush();
  const { table, unclear } = session;
  return {
    v: 1,
    command: argv.map((word) => decodeText(word, 0, word.length)),
    exit: ending.kind === "exit" ? ending.code : null,
    signal: ending.kind === "exit" ? null : ending.signal,
    policies: why,
    rules: rules.flatMap(({ name, span, actions }) => {
      const { matched = 0, limited = 0, dropped = 0 } = counts.get(name) ?? {};
      if (matched === 0) return [];
      const at = sourcePlace(span);
      return [
        { rule: name, at, actions: actions.map(({ type }) => type), matched, limited, dropped },
      ];
    }),
    processes: table.processes(),
    unattributed: table.unattributed(),
    lost: { unclear, notKept: table.notKept, lines: lostLines },
  };
}
