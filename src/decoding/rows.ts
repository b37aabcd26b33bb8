/** The rows of all families. A call without one is printed by its prototype. */
import { table } from "../base/table.ts";
import type { Call } from "../linux/index.ts";
import { attributesDecoding } from "./family/attributes.ts";
import { capabilitiesDecoding } from "./family/capabilities.ts";
import { fcntlDecoding } from "./family/fcntl.ts";
import { futexDecoding } from "./family/futex.ts";
import { ioctlDecoding } from "./family/ioctl.ts";
import { limitsDecoding } from "./family/limits.ts";
import { memoryDecoding } from "./family/memory.ts";
import { namesDecoding } from "./family/names.ts";
import { openDecoding } from "./family/open.ts";
import { optionsDecoding } from "./family/options.ts";
import { prctlDecoding } from "./family/prctl.ts";
import { processesDecoding } from "./family/processes.ts";
import { ringsDecoding } from "./family/rings.ts";
import { signalsDecoding } from "./family/signals.ts";
import { socketsDecoding } from "./family/sockets.ts";
import { systemVDecoding } from "./family/system-v.ts";
import { timeDecoding } from "./family/time.ts";
import { transferDecoding } from "./family/transfer.ts";
import { waitingDecoding } from "./family/waiting.ts";
import { genericPiece } from "./generic.ts";
import type { CallPieces, DecodingRow, Piece } from "./piece.ts";

const rows = table<DecodingRow>({
  ...attributesDecoding,
  ...fcntlDecoding,
  ...ioctlDecoding,
  ...futexDecoding,
  ...prctlDecoding,
  ...capabilitiesDecoding,
  ...limitsDecoding,
  ...optionsDecoding,
  ...namesDecoding,
  ...memoryDecoding,
  ...openDecoding,
  ...processesDecoding,
  ...ringsDecoding,
  ...signalsDecoding,
  ...socketsDecoding,
  ...systemVDecoding,
  ...timeDecoding,
  ...transferDecoding,
  ...waitingDecoding,
});

export function piecesOf(call: Call): CallPieces {
  const row = rows[`${call.name}/${call.abi}`] ?? rows[call.name];
  if (row === undefined) return { pieces: call.params.map(genericPiece) };
  const { pieces, by = {}, ...rest } = row;
  return { ...rest, pieces: pieces ?? piecesByName(call, by) };
}

/** Throws where a row names a parameter that the call does not have. */
function piecesByName(
  { name, params }: Call,
  by: Readonly<Record<string, Piece>>,
): readonly Piece[] {
  const own = new Map(Object.entries(by));
  const pieces = params.map((param) => own.get(param.name) ?? genericPiece(param));
  const names = params.map((param) => param.name);
  const stray = [...own.keys()].find((key) => !names.includes(key));
  if (stray !== undefined) throw new Error(`${name} has no parameter ${stray}`);
  return pieces;
}
