/** Connections to the proxy that decides about names: policies let the command have them. */

import { AF_INET } from "../../base/linux-abi.ts";
import { type CallView, readParam } from "../../language/index.ts";

/** struct sockaddr_in: family, then port and address in network order. */
const SOCKADDR_SIZE = 8;
const LOOPBACK = 0x7f000001;

/** connect(2) to this port of 127.0.0.1. */
export function goesTo(view: CallView, port: number): boolean {
  if (view.presentation.call !== "connect") return false;
  const at = readParam(view, 2);
  const bytes = typeof at === "bigint" ? view.readMemory(at, SOCKADDR_SIZE) : undefined;
  if (bytes === undefined) return false;
  const address = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return (
    address.getUint16(0, true) === AF_INET &&
    address.getUint16(2) === port &&
    address.getUint32(4) === LOOPBACK
  );
}
