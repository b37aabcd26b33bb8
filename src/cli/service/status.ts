/** What `sct status` does. */
import { toJson } from "../../base/escape.ts";
import { MAX_MEASURE_MS } from "../../daemon/index.ts";
import { ask } from "../../daemon/socket/client.ts";
import type { CommandArguments } from "../command.ts";
import { UsageError } from "../errors.ts";
import { ExitCode } from "../exit-codes.ts";
import { parseDurationUpToMs } from "../quantity.ts";
import { widthOf } from "../terminal.ts";
import { printError } from "./answer.ts";
import { findReadableInstance } from "./instance.ts";
import { statusText } from "./status-text.ts";

export async function runStatus(args: CommandArguments): Promise<ExitCode> {
  const [operand] = args.operands;
  if (operand !== undefined) throw new UsageError(`unexpected argument '${operand}'`);
  const measure = args.last("measure");
  const fields =
    measure === undefined
      ? {}
      : { measureMs: parseDurationUpToMs(measure, "--measure", MAX_MEASURE_MS) };
  const answer = await ask(findReadableInstance(args), "status", fields);
  if (!answer.ok) return printError(answer, "sct status");
  const { ok, ...status } = answer;
  const text = args.has("json")
    ? `${toJson({ v: 1, ...status })}\n`
    : statusText(answer, widthOf(process.stdout));
  process.stdout.write(text);
  return ExitCode.good;
}
