/** What `sct unload` does. */
import { ask, NotLoadedError } from "../../daemon/client.ts";
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
  try {
    const answer = await ask(paths, "unload", {});
    if (!answer.ok) return tellError(answer, "sct unload");
    await waitUnloaded(paths);
  } catch (error) {
    if (!(error instanceof NotLoadedError)) throw error;
    if (!(await unloadLeftover(paths))) tell("sct unload: nothing is loaded");
  }
  return ExitCode.good;
}
