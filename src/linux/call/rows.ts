/** The rows of all families. */
import { table } from "../../base/table.ts";
import { attributesCalls } from "./attributes.ts";
import { identitiesCalls } from "./identities.ts";
import { ipcCalls } from "./ipc.ts";
import { limitsCalls } from "./limits.ts";
import { machineCalls } from "./machine.ts";
import { memoryCalls } from "./memory.ts";
import { mountsCalls } from "./mounts.ts";
import { namesCalls } from "./names.ts";
import { openCalls } from "./open.ts";
import { processesCalls } from "./processes.ts";
import { ringsCalls } from "./rings.ts";
import type { CallRow } from "./row.ts";
import { signalsCalls } from "./signals.ts";
import { socketsCalls } from "./sockets.ts";
import { timeCalls } from "./time.ts";
import { transferCalls } from "./transfer.ts";
import { waitingCalls } from "./waiting.ts";
import { xattrsCalls } from "./xattrs.ts";

const families = [
  openCalls,
  namesCalls,
  attributesCalls,
  xattrsCalls,
  mountsCalls,
  transferCalls,
  memoryCalls,
  processesCalls,
  limitsCalls,
  signalsCalls,
  identitiesCalls,
  waitingCalls,
  timeCalls,
  socketsCalls,
  ipcCalls,
  ringsCalls,
  machineCalls,
];

const rows = table<CallRow>(Object.assign({}, ...families));
const NOTHING: CallRow = {};

/** What is known of a call; of one without a row, nothing. */
export function rowOf(call: string): CallRow {
  return rows[call] ?? NOTHING;
}

/** Names and rows in the order of the families. */
export function listRows(): readonly (readonly [call: string, row: CallRow])[] {
  return Object.entries(rows);
}

/** What a row says of a parameter. */
export function ofParam<T>(
  said: Readonly<Record<string, T>> | undefined,
  param: string,
): T | undefined {
  const { [param]: value } = said !== undefined && Object.hasOwn(said, param) ? said : {};
  return value;
}

/** Calls whose rows fit, in the order of the families. */
export function callsWhere(fits: (row: CallRow) => boolean): readonly string[] {
  return listRows().flatMap(([call, row]) => (fits(row) ? [call] : []));
}
