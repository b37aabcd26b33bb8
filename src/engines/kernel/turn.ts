/** From one rule set to the next: each call is judged by one of the two (control.ts). */
import { setTimeout as sleep } from "node:timers/promises";
import { attachRawTracepoint, type BpfMap, loadProgram } from "../../bpf/index.ts";
import { turnProgram } from "../../compiler/index.ts";

/** How long programs that run get to end, and the rule set before stays attached after a swap. */
const GRACE_MS = 100;

export interface TurnTaking {
  readonly shared: ReadonlyMap<string, BpfMap>;
  /** Generations in force before and behind it. */
  readonly before: number;
  readonly number: number;
  /** Writes how far the transition is; may throw. */
  readonly write: (transition: number, entering: number) => void;
  /** Puts `number` in force; may throw. */
  readonly turn: (state: { transition: number; entering: number }) => void;
  readonly isClosed: () => boolean;
  /** Keeps what `act` throws for the next swap or start. */
  readonly finish: (act: () => void) => void;
}

/** Throws before the turn only. */
export async function takeTurn(it: TurnTaking): Promise<void> {
  const { shared, before, number, write, turn, isClosed, finish } = it;
  using program = loadProgram(
    { name: "sct_turn", type: "raw_tracepoint", code: turnProgram() },
    { maps: shared },
  );
  using _link = attachRawTracepoint(program, "sys_exit");
  write(0, before);
  try {
    write(number, before);
    await sleep(GRACE_MS);
    if (isClosed()) return;
    turn({ transition: number, entering: number });
  } catch (error) {
    // as it was; what cannot be written now is written by the next swap or start
    finish(() => write(0, before));
    throw error;
  }
  await sleep(GRACE_MS);
  finish(() => {
    if (!isClosed()) write(0, number);
  });
}
