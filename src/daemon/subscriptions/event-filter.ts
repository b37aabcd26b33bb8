/** The events that a request asks for: as it comes over the socket, and as the history is asked. */
import type { Query } from "../../store/index.ts";
import type { EventFilter } from "../socket/protocol.ts";

/** Values of one kind in a filter. */
const MAX_VALUES = 100;
/** Bytes of a path, which is the longest value. */
const MAX_LENGTH = 4096;
/** Each `*` multiplies what matching a long name may take. */
const MAX_STARS = 3;
const MAX_ID = 0xffff_ffff;

const TEXTS = ["rules", "tags", "calls", "comms", "exes", "paths"] as const;
const NUMBERS = ["pids", "uids"] as const;

/** A filter, or what is wrong with it. Undefined asks for all events. */
export function readFilter(value: unknown): EventFilter | { readonly wrong: string } {
  if (value === undefined) return {};
  if (typeof value !== "object" || value === null) return { wrong: '"filter" is no object' };
  const given = value as Readonly<Record<string, unknown>>;
  const known: readonly string[] = [...TEXTS, ...NUMBERS, "priority"];
  const unknown = Object.keys(given).find((key) => !known.includes(key));
  if (unknown !== undefined) return { wrong: `"filter" has no ${JSON.stringify(unknown)}` };
  for (const key of TEXTS)
    if (!isList(given[key], isText)) return { wrong: `"${key}" is no short list of names` };
  for (const key of NUMBERS)
    if (!isList(given[key], isId)) return { wrong: `"${key}" is no short list of numbers` };
  const { priority } = given;
  if (priority !== undefined && !(isId(priority) && priority <= 7))
    return { wrong: '"priority" is not from 0 to 7' };
  if (
    (given["rules"] as string[] | undefined)?.some((name) => name.split("*").length - 1 > MAX_STARS)
  )
    return { wrong: `"rules" has a name with more than ${MAX_STARS} asterisks` };
  return given as EventFilter;
}

/** The same for the history. */
export function queryOf({
  rules = [],
  pids = [],
  comms = [],
  paths = [],
  ...rest
}: EventFilter): Query {
  return { ...rest, rules, pids, comms, paths };
}

function isList(value: unknown, isOne: (item: unknown) => boolean): boolean {
  return (
    value === undefined ||
    (Array.isArray(value) && value.length <= MAX_VALUES && value.every(isOne))
  );
}

const isText = (value: unknown): boolean => typeof value === "string" && value.length <= MAX_LENGTH;

function isId(value: unknown): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= MAX_ID;
}
