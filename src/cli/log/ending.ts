/** What `sct log` says at its end, on standard error, and what it exits with. */
import { ExitCode } from "../exit-codes.ts";
import { printNotice } from "../notice.ts";
import type { OutputBuffer } from "../output-buffer.ts";
import { plural } from "../plural.ts";
import type { Printer } from "./printer.ts";

/** `done` with an event: what its numbers are about. */
export function finish(
  { error, unwrittenBytes }: OutputBuffer,
  printer: Printer | undefined,
  done: "printed" | "counted",
): ExitCode {
  const { damaged = 0, unknown = 0, withoutLine = 0 } = printer ?? {};
  const unreadable = damaged + unknown;
  if (damaged > 0) printNotice("sct log", `${plural(damaged, "event")} cannot be read: damaged`);
  if (unknown > 0)
    printNotice(
      "sct log",
      `${plural(unknown, "event")} cannot be read: the history lacks the rule set that made them`,
    );
  // the reader had enough: what it did not want is no loss
  if (error?.code === "EPIPE") return ExitCode.good;
  if (withoutLine > 0)
    printNotice(
      "sct log",
      `${plural(withoutLine, "event")} of rules without LOG not ${done}; --json shows all`,
    );
  if (unwrittenBytes > 0)
    printNotice("sct log", `${unwrittenBytes} bytes of lines were not written`);
  if (error !== undefined) {
    printNotice("sct log", `cannot write to standard output: ${error.message}`);
    return ExitCode.machine;
  }
  return unreadable > 0 ? ExitCode.found : ExitCode.good;
}
