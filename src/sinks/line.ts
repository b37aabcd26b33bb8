/**
 * The last guard before a line leaves. Formatters escape what other programs wrote, but a rule's own format may hold
 * anything, and one line has to stay one line for every receiver.
 */
import { escapeControls, escapeJson, toJson } from "../base/escape.ts";
import type { Format } from "./config/outputs.ts";
import type { Loss, OutputEvent } from "./event.ts";

/** The event as one line without its end; undefined when it has none in this format. */
export function lineOf(event: OutputEvent, format: Format): string | undefined {
  if (format === "json") return safeJson(event.json);
  const { text } = event;
  return text === "" ? undefined : safe(text);
}

export function lossLine(loss: Loss, format: Format): string {
  if (format === "json") {
    const { ts, total, rules, where } = loss;
    return toJson({ v: 1, ts, loss: { total, rules, where } });
  }
  return safe(lossText(loss));
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
