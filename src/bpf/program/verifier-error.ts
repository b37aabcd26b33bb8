/**
 * Makes a verifier log readable. It ends like this, the line that matters being the last before the statistics:
 *
 *   ; uid == 0 @ rules.sct:3
 *   7: (79) r1 = *(u64 *)(r1 +999)        ; R1=ctx()
 *   invalid bpf_context access off=999 size=8
 *   processed 8 insns (limit 1000000) max_states_per_insn 0 total_states 0 peak_states 0 mark_read 0
 */
import type { Span } from "../../base/span.ts";
import { errnoName, MachineError } from "../../sys/index.ts";

/** Statistics that follow the message. */
const STATISTICS =
  /^(processed \d+ insns|verification time \d+|stack depth \d|mark_precise|max_states)/;
/** An instruction: `7: (79) r1 = …`, since 6.? with the state before it: `7: R1=ctx() R10=fp0`. */
const INSTRUCTION = /^(\d+): \([0-9a-f]{2}\) /;
const STATE = /^(\d+: |from \d+ to \d+: )?(R\d+(_w)?=|safe$)/;

export interface LogSummary {
  /** The message of the verifier, without trace and statistics; empty for an empty log. */
  readonly message: string;
  /** Slot of the last instruction that it looked at. */
  readonly insn: number | undefined;
  /** Lines of the log that `message` leaves out. */
  readonly omittedLines: number;
}

export function summarizeLog(log: string): LogSummary {
  const lines = log
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
  const isTrace = (line: string): boolean =>
    INSTRUCTION.test(line) || STATE.test(line) || line.startsWith("; ");
  let end = lines.length;
  while (end > 0 && STATISTICS.test(lines[end - 1] ?? "")) end--;
  let start = end;
  // a message may have a few lines, all of them after the last instruction
  while (start > 0 && end - start < 3 && !isTrace(lines[start - 1] ?? "")) start--;
  if (start === end && end > 0) start = end - 1;
  const last = lines.findLast((line, n) => n < end && INSTRUCTION.test(line));
  const insn = last === undefined ? undefined : Number(INSTRUCTION.exec(last)?.[1]);
  return {
    message: lines.slice(start, end).join("; "),
    insn,
    omittedLines: lines.length - (end - start),
  };
}

/** The verifier refused a program. The message has its last words, `log` all of them. */
export class VerifierError extends MachineError {
  readonly code = "verifier_rejected";
  readonly program: string;
  readonly errno: number;
  readonly log: string;
  /** What the verifier objects to, without the trace. */
  readonly summary: string;
  readonly insn: number | undefined;
  /** The rule text of that instruction, when the program carries it. */
  readonly span: Span | undefined;

  constructor(
    program: string,
    errno: number,
    log: string,
    spanOf: (insn: number) => Span | undefined,
    hint?: string,
  ) {
    const { message, insn, omittedLines } = summarizeLog(log);
    const at = insn === undefined ? "" : ` at instruction ${insn}`;
    const omitted = omittedLines === 0 ? "" : ` (${omittedLines} lines omitted)`;
    super(`Cannot load program "${program}": ${errnoName(errno)}${at}: ${message}${omitted}`, hint);
    this.program = program;
    this.errno = errno;
    this.log = log;
    this.summary = message;
    this.insn = insn;
    this.span = insn === undefined ? undefined : spanOf(insn);
  }
}
