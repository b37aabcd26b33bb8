/**
 * The last guard before a line leaves. Formatters escape what other programs wrote, but a rule's own format may hold
 * anything, and one line has to stay one line for every receiver.
 */
import { isAscii } from "node:buffer";
import { escapeControls, escapeJson, toJson } from "../base/escape.ts";
import type { Format } from "./config/outputs.ts";
import type { Loss } from "./event.ts";
import type { Encoded } from "./sink.ts";

const DELETE = 0x7f;
const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });

/**
 * What a formatter wrote of an event, with its end, as a line that is safe for every receiver: mostly the same bytes.
 * Undefined: there is nothing in it.
 */
export function safeLine(bytes: Uint8Array, format: Format): Uint8Array | undefined {
  if (bytes.length <= 1) return undefined;
  if (format === "json" ? isPlainJson(bytes) : isPlainText(bytes)) return bytes;
  const text = utf8.decode(bytes.subarray(0, -1));
  return Buffer.from(`${format === "json" ? safeJson(text) : safe(text)}\n`);
}

/** JSON cannot hold other controls than DEL. */
function isPlainJson(bytes: Uint8Array): boolean {
  return isAscii(bytes) && !bytes.includes(DELETE);
}

function isPlainText(bytes: Uint8Array): boolean {
  const end = bytes.length - 1;
  for (let i = 0; i < end; i++) {
    const byte = bytes[i] as number;
    if (byte < 0x20 || byte >= DELETE) return false;
  }
  return true;
}

export function lossLine(loss: Loss, format: Format): string {
  if (format === "json") {
    const { ts, total, rules, where } = loss;
    return toJson({ v: 1, ts, loss: { total, rules, where } });
  }
  return safe(lossText(loss));
}

/** As it waits in an output of lines. */
export function encodedLine(value: Uint8Array | undefined): Encoded<Uint8Array> | undefined {
  return value && { value, size: value.length };
}

export function encodedLoss(loss: Loss, format: Format): Encoded<Uint8Array> {
  const value = Buffer.from(`${lossLine(loss, format)}\n`);
  return { value, size: value.length };
}

/** `syscalltrack: 12 events were lost here (unlink_rule1: 12)` */
export function lossText({ total, rules, where }: Loss): string {
  const names = Object.entries(rules).map(([rule, count]) => `${rule}: ${count}`);
  const detail = names.length === 0 ? "" : ` (${names.join(", ")})`;
  const events = total === 1 ? "1 event was" : `${total} events were`;
  const place = where === "output" ? "not written to this output" : "lost before they were read";
  return `syscalltrack: ${events} ${place}${detail}`;
}

/** JSON in one line of valid text; what was dangerous in its strings is escaped, so that it reads the same. */
export function safeJson(json: string): string {
  return escapeJson(json);
}

/** One line of valid text whatever was given. */
export function safe(text: string): string {
  return escapeControls(text);
}
