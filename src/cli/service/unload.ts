/** What `sct unload` does. */
import { ask, GONE, NotLoadedError, ServiceRefusedError } from "../../daemon/client.ts";
import { ENDING, type ErrorAnswer, type Paths, type PlainAnswer } from "../../daemon/index.ts";
import { unloadLeftover, waitUnloaded } from "../../daemon/unload.ts";
import type { Arguments } from "../command.ts";
import { UsageError } from "../errors.ts";
import { ExitCode } from "../exit-codes.ts";
import { tell, tellError } from "./answer.ts";
import { findInstance } from "./instance.ts";

export async function runUnload(args: Arguments): Promise<ExitCode> {
  const [operand] = args.operands;
  if (operand !== undefined) throw new UsageError(`unexpected argument '${operand}'`);
  const paths = findInstance(args);
  const answer = await askToUnload(paths);
  if (answer === "gone") {
    if (!(await unloadLeftover(paths))) tell("sct unload: nothing is loaded");
  } else if (answer.ok) await waitUnloaded(paths);
  else return tellError(answer, "sct unload");
  return ExitCode.good;
}

/** `gone`: no service is there, or one that ends and leaves the rules. */
async function askToUnload(paths: Paths): Promise<PlainAnswer | ErrorAnswer | "gone"> {
  try {
    const answer = await ask(paths, "unload", {});
    return !answer.ok && answer.error.code === ENDING ? "gone" : answer;
  } catch (error) {
    const isGone = error instanceof ServiceRefusedError && error.code === GONE;
    if (isGone || error instanceof NotLoadedError) return "gone";
    throw error;
  }
}
