/** Calls that this process and its children make while a function runs. */
import { randomInt } from "node:crypto";
import { allowTracer, Mark, makeMark } from "../engines/attach/index.ts";
import type { EngineCounters } from "../engines/engine.ts";
import type { SctEvent } from "../events/index.ts";
import { HelperError, isReply, startHelper } from "../library/helper.ts";
import { writeRequest } from "../library/protocol.ts";
import { checkedRules, type RuleSet } from "../library/rule-set.ts";

/** What was recorded of a function that returned. */
export interface FunctionRecord<T> {
  readonly value: Awaited<T>;
  readonly events: readonly SctEvent[];
  readonly counters: EngineCounters;
}

let isRecording = false;

/** `mostEvents`: more are counted only. */
export async function recordFunction<T>(
  rules: RuleSet,
  body: () => T,
  mostEvents: number,
): Promise<FunctionRecord<T>> {
  if (isRecording)
    throw new Error("Cannot record two functions of a process at once: their calls are one stream");
  isRecording = true;
  const {
    process: helper,
    requests,
    lines,
  } = startHelper("testing/recorder", {
    stdio: ["ignore", "ignore", "inherit"],
  });
  // then its lines end without a word
  helper.on("error", () => {});
  try {
    const token = randomInt(2 ** 31);
    if (helper.pid !== undefined) allowTracer(helper.pid);
    const request = { rules: checkedRules(rules), pid: process.pid, token, mostEvents };
    requests.write(writeRequest(request));
    const events: SctEvent[] = [];
    let outcome: { readonly value: Awaited<T> } | undefined;
    let failure: { readonly error: unknown } | undefined;
    for await (const line of lines) {
      if (!isReply(line)) events.push(line);
      else if (line.sct === "failed") throw new HelperError(line);
      else if (line.sct === "attached") {
        makeMark(Mark.begin, token);
        try {
          outcome = { value: await body() };
        } catch (error) {
          failure = { error };
        } finally {
          makeMark(Mark.end, token);
        }
      } else if (line.sct === "finished") {
        if (failure !== undefined) throw failure.error;
        if (outcome !== undefined) return { ...outcome, events, counters: line.counters };
      }
    }
    throw failure?.error ?? new Error("The recorder ended before the function");
  } finally {
    allowTracer(0);
    requests.destroy();
    isRecording = false;
  }
}
