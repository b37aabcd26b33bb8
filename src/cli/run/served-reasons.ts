/** What the library gets of a run besides events: why calls were denied, and the report. What neither needs is not read. */
import type { EngineCounters } from "../../engines/engine.ts";
import type { Finished, SupervisedEngine } from "../../engines/supervised/index.ts";
import { type CheckedRule, parseRules } from "../../language/index.ts";
import type { DeniedByPolicy, RunRequest } from "../../library/protocol.ts";
import { vocabulary } from "../../linux/index.ts";
import type { NamedConnection } from "../../proxy/index.ts";
import { InputError } from "../errors.ts";
import type { UseRecorder } from "../learn/recorder.ts";
import { userHome } from "../packs/find.ts";
import { writeWhole } from "../write-whole.ts";
import type { SessionRecorder } from "./session-recorder.ts";
import { isOfReport, SESSION_RULES } from "./session-rules.ts";

interface Ended {
  readonly counters: EngineCounters;
  readonly finished: Finished;
  /** Of a report that cannot be written: the command has run. */
  readonly notify: (line: string) => void;
}

export class ServedReasons {
  /** Those of the caller, behind those for the report. */
  readonly rules: readonly CheckedRule[];
  readonly #request: RunRequest;
  #recorder: UseRecorder | undefined;
  #session: SessionRecorder | undefined;
  #sitesOfReport = 0;

  constructor(request: RunRequest) {
    const { rules, report } = request;
    this.#request = request;
    this.rules = report === undefined ? rules : [...rulesOfReport(), ...rules];
  }

  async open(engine: SupervisedEngine): Promise<void> {
    const { rules, report } = this.#request;
    const { sites } = engine;
    this.#sitesOfReport = sites.filter(({ rule }) => isOfReport(rule)).length;
    if (rules.some(({ policy }) => policy !== undefined)) {
      const { UseRecorder } = await import("../learn/recorder.ts");
      this.#recorder = new UseRecorder(sites, { record() {} }, false);
    }
    if (report === undefined) return;
    const { SessionRecorder } = await import("./session-recorder.ts");
    this.#session = new SessionRecorder(sites, isOfReport, () => engine.rootPid);
  }

  /** True: the record is for the report alone. */
  takes(memory: Uint8Array, offset: number, length: number): boolean {
    this.#session?.record(memory, offset, length);
    if (this.#session?.isSilent === true) return true;
    this.#recorder?.record(memory, offset, length);
    return false;
  }

  connection(connection: NamedConnection): void {
    this.#session?.connection(connection);
    this.#recorder?.connection(connection);
  }

  /** Those that the caller knows. */
  counters(engine: SupervisedEngine): EngineCounters {
    const all = engine.counters();
    const ofReport = this.rules.length - this.#request.rules.length;
    return {
      ...all,
      rules: all.rules.slice(ofReport),
      ...(all.bySite && { bySite: all.bySite.slice(this.#sitesOfReport) }),
    };
  }

  /** What was denied and why; the report is written. */
  async end({ counters, finished, notify }: Ended): Promise<readonly DeniedByPolicy[]> {
    const { rules, report, argv } = this.#request;
    const session = this.#session;
    if (this.#recorder === undefined && session === undefined) return [];
    const { whyDenied } = await import("./why.ts");
    const why = whyDenied(rules, this.#recorder?.tables ?? new Map(), userHome());
    if (report === undefined || session === undefined) return why;
    const { reportText } = await import("./report.ts");
    const words = argv.map((word) => Buffer.from(word));
    const run = { rules, counters, why, finished, argv: words, session, lostLines: 0 };
    try {
      writeWhole(report, reportText(report, run));
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      notify(error.message);
    }
    return why;
  }
}

function rulesOfReport(): readonly CheckedRule[] {
  const file = { name: "report", text: SESSION_RULES, isArgument: true } as const;
  return parseRules([file], vocabulary).ruleSet?.rules ?? [];
}
