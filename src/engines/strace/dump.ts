/** Data of transfers in hex and as text, below the line of the call: -e read and -e write. */
import { table } from "../../base/table.ts";
import type { DecodeContext } from "../../decoding/index.ts";
import { callName } from "../../linux/index.ts";

const ROW = 16;
const HALF = 8;
const IOVEC = 16;

/** Where the data of a call lies: its second argument, or a vector there. */
const TRANSFERS = table<"read" | "write" | "readv" | "writev">({
  read: "read",
  pread64: "read",
  recvfrom: "read",
  write: "write",
  pwrite64: "write",
  sendto: "write",
  readv: "readv",
  preadv: "readv",
  preadv2: "readv",
  writev: "writev",
  pwritev: "writev",
  pwritev2: "writev",
});

export interface DumpPlan {
  readonly dumpsRead: ((fd: number) => boolean) | undefined;
  readonly dumpsWrite: ((fd: number) => boolean) | undefined;
}

/** Lines with their ends; empty where nothing is to be dumped. `ret`: what the call returned, no error. */
export function dumpText(context: DecodeContext, ret: bigint, plan: DumpPlan): string {
  const kind = TRANSFERS[callName(context.nr, context.abi) ?? ""];
  if (kind === undefined) return "";
  const dumps = kind.startsWith("read") ? plan.dumpsRead : plan.dumpsWrite;
  const [fd = 0n, address = 0n, length = 0n] = context.args;
  if (dumps?.(Number(BigInt.asIntN(32, fd))) !== true) return "";
  if (kind === "read" || kind === "write") {
    const size = Number(kind === "read" ? ret : length);
    return rowsOf(context.memory.read(address, size) ?? new Uint8Array(0));
  }
  return vectorText(context, address, Number(length), Number(ret));
}

function vectorText(context: DecodeContext, address: bigint, count: number, size: number): string {
  const vector = context.memory.read(address, count * IOVEC);
  if (vector === undefined) return "";
  const view = new DataView(vector.buffer, vector.byteOffset, vector.length);
  let left = size;
  let text = "";
  for (let i = 0; i * IOVEC + IOVEC <= vector.length && left > 0; i++) {
    const length = Math.min(left, Number(view.getBigUint64(i * IOVEC + HALF, true)));
    left -= length;
    const bytes = context.memory.read(view.getBigUint64(i * IOVEC, true), length);
    if (length === 0 || bytes === undefined) continue;
    text += ` * ${length} bytes in buffer ${i}\n${rowsOf(bytes)}`;
  }
  return text;
}

/** ` | 00000  68 65 6c 6c 6f …  hello            |`. */
function rowsOf(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += ROW) {
    const row = bytes.subarray(at, at + ROW);
    const hex = [...row].map((byte) => byte.toString(16).padStart(2, "0"));
    const halves = `${hex.slice(0, HALF).join(" ").padEnd(23)}  ${hex.slice(HALF).join(" ").padEnd(23)}`;
    const shown = [...row].map((byte) =>
      byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : ".",
    );
    text += ` | ${at.toString(16).padStart(5, "0")}  ${halves}  ${shown.join("").padEnd(ROW)} |\n`;
  }
  return text;
}
