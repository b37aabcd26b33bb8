/** What `sct unload` does. */
import { setTimeout as sleep } from "node:timers/promises";
import { ENDING, type ErrorAnswer, type Paths, type PlainAnswer } from "../../daemon/index.ts";
import { RunningError, unloadLeftover, waitUnloaded } from "../../daemon/run-files/unload.ts";
import {
  ask,
  GONE,
  NotLoadedError,
  patienceMs,
  ServiceRefusedError,
  SilentError,
} from "../../daemon/socket/client.ts";
import type { CommandArguments } from "../command.ts";
import { UsageError } from "../errors.ts";
import { ExitCode } from "../exit-codes.ts";
import { printError, printEscaped } from "./answer.ts";
import { findInstance } from "./instance.ts";

const RETRY_MS = 50;

export async function runUnload(args: CommandArguments): Promise<ExitCode> {
  const [operand] = args.operands;
  if (operand !== undefined) throw new UsageError(`unexpected argument '${operand}'`);
  const paths = findInstance(args);
  const deadline = performance.now() + patienceMs("unload");
  for (;;) {
    const answer = await askToUnload(paths);
    if (answer !== "gone") {
      if (!answer.ok) return printError(answer, "sct unload");
      await waitUnloaded(paths);
      process.stdout.write("Successfully unloaded\n");
      for (const notice of answer.notices ?? []) printEscaped(`sct unload: ${notice}`);
      return ExitCode.good;
    }
    try {
      if (await unloadLeftover(paths)) process.stdout.write("Successfully unloaded\n");
      else printEscaped("sct unload: nothing is loaded");
      return ExitCode.good;
    } catch (error) {
      // somebody starts the service in this moment, and it is not ready yet
      if (!(error instanceof RunningError)) throw error;
      if (performance.now() > deadline) throw new SilentError();
    }
    await sleep(RETRY_MS);
  }
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
