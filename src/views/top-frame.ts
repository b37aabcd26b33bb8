/** One picture of what happens, as data: tables of rules, processes and paths. */
import { type Order, type Row, sortRows } from "./rates.ts";

export interface RuleRow extends Row {
  /** Matches without an event: the limit held them back, or the buffer was full. */
  readonly limited: number;
  readonly lost: number;
}

export interface Frame {
  readonly ts: string;
  readonly seconds: number;
  readonly order: Order;
  readonly isPaused: boolean;
  /** Events that were counted, but not looked into because there was no time: processes and paths lack them. */
  readonly unseen: number;
  readonly rules: readonly RuleRow[];
  readonly processes: readonly Row[];
  readonly paths: readonly Row[];
}

/** The same rows by the order that the frame names now. */
export function reorder(frame: Frame): Frame {
  const { rules, processes, paths, order } = frame;
  return {
    ...frame,
    rules: sortRows(rules, order),
    processes: sortRows(processes, order),
    paths: sortRows(paths, order),
  };
}
