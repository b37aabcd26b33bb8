/** From a line of the control socket to a request: what is not exactly one is refused with the reason. */
import { readFilter } from "../subscriptions/event-filter.ts";
import {
  type IncludedText,
  MAX_MEASURE_MS,
  MAX_REVERT_MS,
  MAX_WIDTH,
  PROTOCOL_VERSION,
  type Reader,
  type Request,
  type RuleText,
} from "./protocol.ts";

/** A request, or what is wrong with it. */
export function readRequest(line: string): Request | { readonly wrong: string } {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return { wrong: "it is not JSON" };
  }
  if (!isObject(value)) return { wrong: "it is not an object" };
  if (value["v"] !== PROTOCOL_VERSION) {
    return {
      wrong: `its version "v" is not ${PROTOCOL_VERSION}: service and command are of different versions`,
    };
  }
  const v = PROTOCOL_VERSION;
  switch (value["op"]) {
    case "status":
      return readStatus(value);
    case "confirm":
    case "download":
    case "reload":
    case "unload":
      return { v, op: value["op"] };
    case "delete": {
      const names = value["names"];
      const reader = readReader(value);
      if ("wrong" in reader) return reader;
      if (names === undefined) return { v, op: "delete", ...reader };
      if (!isListOf(names, isText)) return { wrong: '"names" is not a list of names' };
      return { v, op: "delete", names, ...reader };
    }
    case "upload":
    case "replace":
      return readRules(value, value["op"]);
    case "log":
      return readLog(value);
    case "subscribe": {
      const filter = readFilter(value["filter"]);
      return "wrong" in filter ? filter : { v, op: "subscribe", filter };
    }
    default:
      return { wrong: '"op" is not known' };
  }
}

function readStatus({ measureMs, counts }: Fields): Request | { readonly wrong: string } {
  const plain = { v: PROTOCOL_VERSION, op: "status" } as const;
  const status = counts === false ? ({ ...plain, counts } as const) : plain;
  if (measureMs === undefined) return status;
  if (typeof measureMs === "number" && measureMs >= 0 && measureMs <= MAX_MEASURE_MS)
    return { ...status, measureMs };
  return { wrong: '"measureMs" is not up to a minute' };
}

function readRules(value: Fields, op: "upload" | "replace"): Request | { readonly wrong: string } {
  const { files, includes, revertAfterMs } = value;
  if (!isListOf(files, isRuleText)) return { wrong: '"files" is not a list of names and texts' };
  if (!isListOf(includes, isIncluded)) return { wrong: '"includes" is not a list of texts' };
  const reader = readReader(value);
  if ("wrong" in reader) return reader;
  const rules = { v: PROTOCOL_VERSION, files, includes, ...reader } as const;
  if (op === "upload") return { ...rules, op };
  if (revertAfterMs === undefined) return { ...rules, op };
  const isTime = typeof revertAfterMs === "number" && revertAfterMs > 0;
  if (!isTime || revertAfterMs > MAX_REVERT_MS)
    return { wrong: '"revertAfterMs" is not up to a day' };
  return { ...rules, op, revertAfterMs };
}

function readLog({ filter: given, ...fields }: Fields): Request | { readonly wrong: string } {
  const filter = readFilter(given);
  if ("wrong" in filter) return filter;
  const numbers: { sinceMs?: number; untilMs?: number; last?: number } = {};
  for (const key of ["sinceMs", "untilMs", "last"] as const) {
    const number = fields[key];
    if (number === undefined) continue;
    if (typeof number !== "number" || !Number.isSafeInteger(number) || number < 0)
      return { wrong: `"${key}" is no number` };
    numbers[key] = number;
  }
  return { v: PROTOCOL_VERSION, op: "log", filter, ...numbers };
}

function readReader({ width }: Fields): Reader | { readonly wrong: string } {
  if (width === undefined) return {};
  const isWidth = typeof width === "number" && Number.isInteger(width) && width > 0;
  return isWidth && width <= MAX_WIDTH ? { width } : { wrong: '"width" is no number of columns' };
}

type Fields = Readonly<Record<string, unknown>>;

function isObject(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isListOf<T>(value: unknown, isOne: (item: unknown) => item is T): value is readonly T[] {
  return Array.isArray(value) && value.every(isOne);
}

const isText = (value: unknown): value is string => typeof value === "string";

function isRuleText(value: unknown): value is RuleText {
  return isObject(value) && isText(value["name"]) && isText(value["text"]);
}

function isIncluded(value: unknown): value is IncludedText {
  return (
    isRuleText(value) &&
    isText((value as Partial<IncludedText>).path) &&
    isText((value as Partial<IncludedText>).from)
  );
}
