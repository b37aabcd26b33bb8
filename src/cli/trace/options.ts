/** What each option of a trace does. */
import { table } from "../../base/table.ts";
import {
  type Precision,
  QUIET_MESSAGES,
  STATUSES,
  signalNumber,
  signalText,
  type Timestamps,
} from "../../engines/strace/index.ts";
import { EXPRESSION_KEYS, NOT_DONE } from "./option-table.ts";
import { pidsByName } from "./processes.ts";
import { parseSet, wordsOfSet } from "./sets.ts";
import { COLUMN_NAMES, type Settings } from "./settings.ts";
import { TraceUsageError } from "./usage-error.ts";
import type { GivenOption } from "./words.ts";

const PRECISIONS: Readonly<Record<string, Precision>> = { s: 0, ms: 3, us: 6, ns: 9 };
const ALL_SIGNALS = Array.from({ length: 64 }, (_, i) => i + 1);
/** As many as strace takes. */
const MOST_STRING = 0x7fffffff / 4;

type Apply = (settings: Settings, value: string, written: string) => void;

export function applyOption(settings: Settings, { name, value, written }: GivenOption): void {
  const refused = NOT_DONE[name];
  if (refused !== undefined) throw new TraceUsageError(refused);
  const apply = OPTIONS[name];
  if (apply === undefined) throw new TraceUsageError(`${written} is not done by sctrace`);
  apply(settings, value ?? "", written);
}

const invalid = (written: string, value: string): never => {
  throw new TraceUsageError(`invalid ${written} argument: '${value}'`, true);
};

function whole(value: string, written: string, least: number, most: number): number {
  const number = /^\d+$/.test(value) ? Number(value) : Number.NaN;
  return number >= least && number <= most ? number : invalid(written, value);
}

function oneOf<T>(words: Readonly<Record<string, T>>, value: string, written: string): T {
  return table<T>(words)[value] ?? invalid(written, value);
}

const OPTIONS = table<Apply>({
  a: (settings, value, written) => {
    settings.column = whole(value, written, 0, 0x7fffffff);
  },
  A: (settings) => {
    settings.appends = true;
  },
  b: (settings, value) => {
    if (value !== "execve")
      throw new TraceUsageError(`Syscall '${value}' for -b isn't supported`, true);
    settings.detachesOnExecve = true;
  },
  c: (settings) => {
    if (settings.summary === "too")
      throw new TraceUsageError("-c and -C are mutually exclusive", true);
    settings.summary = "only";
  },
  C: (settings) => {
    if (settings.summary === "only")
      throw new TraceUsageError("-c and -C are mutually exclusive", true);
    settings.summary = "too";
  },
  D: (settings) => {
    settings.daemon++;
  },
  daemonize: (settings, value, written) => {
    const levels = { "": 1, grandchild: 1, pgroup: 2, pgrp: 2, session: 3 };
    settings.daemon = oneOf<number>(levels, value, written);
  },
  e: (settings, value) => applyExpression(settings, value),
  E: (settings, value) => {
    const at = value.indexOf("=");
    settings.environment.push(
      at < 0
        ? { name: value, value: undefined }
        : { name: value.slice(0, at), value: value.slice(at + 1) },
    );
  },
  f: (settings) => {
    settings.followForks++;
  },
  F: (settings) => {
    settings.followForks ||= 1;
  },
  i: (settings) => {
    settings.hasInstruction = true;
  },
  I: (settings, value, written) => {
    const words = {
      1: 1,
      2: 2,
      3: 3,
      4: 4,
      anywhere: 1,
      waiting: 2,
      never: 3,
      never_tstp: 4,
    } as const;
    settings.interruptible = oneOf(words, value, written);
  },
  n: (settings) => {
    settings.hasNumber = true;
  },
  o: (settings, value) => {
    settings.output = value;
  },
  O: (settings, value, written) => {
    settings.overheadNs = overhead(value, written);
  },
  "output-separately": (settings) => {
    settings.isSeparate = true;
  },
  p: (settings, value) => {
    for (const word of value.split(/[\s,]+/)) if (word !== "") settings.pids.push(...pidsOf(word));
  },
  P: (settings, value) => {
    settings.paths.push(value);
  },
  q: (settings) => {
    settings.quietness++;
  },
  quiet: (settings, value) => {
    if (value === "") settings.quietness++;
    else applyExpression(settings, `quiet=${value}`);
  },
  r: (settings) => {
    settings.relative = 6;
  },
  "relative-timestamps": (settings, value, written) => {
    settings.relative = value === "" ? 6 : oneOf(PRECISIONS, value, written);
  },
  s: (settings, value, written) => {
    settings.stringLimit = whole(value, written, 0, MOST_STRING);
  },
  S: (settings, value) => {
    const sort = value === "nothing" || value === "none" ? "none" : COLUMN_NAMES[value];
    if (sort === undefined) throw new TraceUsageError(`invalid sortby: '${value}'`, true);
    settings.summarySort = sort;
  },
  t: (settings) => {
    settings.timestampFlags++;
  },
  "absolute-timestamps": (settings, value, written) => {
    settings.absolute = timestamps(value, written, settings.absolute);
  },
  T: (settings) => {
    settings.duration = 6;
  },
  "syscall-times": (settings, value, written) => {
    settings.duration = value === "" ? 6 : oneOf(PRECISIONS, value, written);
  },
  u: (settings, value) => {
    settings.user = value;
  },
  U: (settings, value) => {
    settings.summaryColumns = value.split(",").map((word) => {
      const column = COLUMN_NAMES[word];
      if (column === undefined) throw new TraceUsageError(`unknown column name: '${word}'`, true);
      return column;
    });
  },
  v: (settings) => {
    settings.abbreviated.add("none");
  },
  w: (settings) => {
    settings.wall = true;
  },
  x: (settings) => {
    settings.hex = settings.hex === "none" ? "non-ascii" : "all";
  },
  "strings-in-hex": (settings, value, written) => {
    const words = { "": "all", all: "all", "non-ascii": "non-ascii", none: "none" } as const;
    settings.hex = oneOf(words, value, written);
  },
  X: (settings, value, written) => {
    settings.constants = oneOf(
      { raw: "raw", abbrev: "abbrev", verbose: "verbose" } as const,
      value,
      written,
    );
  },
  y: (settings) => {
    settings.descriptors = settings.descriptors === 0 ? 1 : 2;
  },
  "decode-fds": (settings, value) => {
    if (value === "") settings.descriptors ||= 1;
    else applyExpression(settings, `decode-fds=${value}`);
  },
  Y: (settings) => {
    settings.hasCommand = true;
  },
  z: (settings) => {
    settings.statuses = new Set(["successful"]);
  },
  Z: (settings) => {
    settings.statuses = new Set(["failed"]);
  },
  "seccomp-bpf": (settings) => {
    settings.usesFilter = true;
  },
  "print-rules": (settings) => {
    settings.printsRules = true;
  },
});

type ApplyExpression = (settings: Settings, value: string) => void;

const EXPRESSIONS = table<ApplyExpression>({
  trace: (settings, value) => settings.traced.add(value),
  abbrev: (settings, value) => settings.abbreviated.add(value),
  raw: (settings, value) => settings.raw.add(value),
  signal: (settings, value) => {
    settings.signals = parseSet(value, {
      all: ALL_SIGNALS,
      what: "signal",
      word: (text) => {
        const signal = signalNumber(text);
        return signal === undefined || signalText(signal) === "" ? undefined : [signal];
      },
    });
  },
  status: (settings, value) => {
    settings.statuses = parseSet(value, {
      all: STATUSES,
      what: "status",
      word: (text) => present(STATUSES.filter((status) => status === text)),
    });
  },
  quiet: (settings, value) => {
    settings.quiet = parseSet(value, {
      all: QUIET_MESSAGES,
      what: "quiet",
      word: (text) => {
        const meant = text === "superseded" ? "thread-execve" : text;
        return present(QUIET_MESSAGES.filter((message) => message === meant));
      },
    });
  },
  read: (settings, value) => {
    settings.readsDumped = descriptorSet(value);
  },
  write: (settings, value) => {
    settings.writesDumped = descriptorSet(value);
  },
  fault: (settings, value) => {
    settings.injections.push(
      /:(?:error|retval|signal|syscall|delay_enter|delay_exit|poke_enter|poke_exit)=/.test(value)
        ? value
        : `${value}:error=ENOSYS`,
    );
  },
  inject: (settings, value) => {
    settings.injections.push(value);
  },
  "decode-fds": (settings, value) => {
    const kinds = parseSet(value, {
      all: ["path", "socket", "dev", "pidfd"] as const,
      what: "decode-fds",
      word: (text) =>
        present((["path", "socket", "dev", "pidfd"] as const).filter((one) => one === text)),
    });
    const others = [...kinds].filter((kind) => kind !== "path");
    if (others.length > 0 && kinds.size < 4)
      throw new TraceUsageError(
        `-e decode-fds=${others.join(",")} is not done by sctrace: use path, or all`,
      );
    settings.descriptors = kinds.size === 0 ? 0 : others.length === 0 ? 1 : 2;
  },
  "decode-pids": (settings, value) => {
    if (value !== "comm")
      throw new TraceUsageError(`-e decode-pids=${value} is not done by sctrace`);
    settings.hasCommand = true;
  },
});

function present<T>(list: readonly T[]): readonly T[] | undefined {
  return list.length === 0 ? undefined : list;
}

function applyExpression(settings: Settings, text: string): void {
  const [, word = "", rest = ""] = /^([a-z-]+)=([\s\S]*)$/.exec(text) ?? [];
  const key = EXPRESSION_KEYS[word] ?? "trace";
  const value = EXPRESSION_KEYS[word] === undefined ? text : rest;
  const refused = NOT_DONE[key];
  if (refused !== undefined) throw new TraceUsageError(refused);
  if (key === "verbose") {
    if (value !== "all") throw new TraceUsageError(`-e verbose=${value} is not done by sctrace`);
    return;
  }
  EXPRESSIONS[key]?.(settings, value);
}

function descriptorSet(value: string): (fd: number) => boolean {
  const isInverted = value.startsWith("!");
  const rest = isInverted ? value.slice(1) : value;
  if (rest === "all") return () => !isInverted;
  if (rest === "none") return () => isInverted;
  const numbers = new Set(
    wordsOfSet(rest).map((word) => {
      if (!/^\d+$/.test(word)) throw new TraceUsageError(`invalid descriptor '${word}'`);
      return Number(word);
    }),
  );
  return (fd) => numbers.has(fd) !== isInverted;
}

/** `[[format:]FORMAT][,[precision:]PRECISION]`; what it does not say stays as it was. */
function timestamps(value: string, written: string, before: Timestamps | undefined): Timestamps {
  let { form = "time", precision = 0 }: Partial<Timestamps> = before ?? {};
  if (form === "none") form = "time";
  for (const word of value === "" ? [] : value.split(",")) {
    const text = word.replace(/^(?:format|precision):/, "");
    if (text === "none" || text === "time" || text === "unix") form = text;
    else precision = oneOf(PRECISIONS, text, written);
  }
  return { form, precision };
}

const UNITS_NS = table<number>({ s: 1e9, ms: 1e6, us: 1e3, ns: 1 });

/** Microseconds where no unit is given. */
function overhead(value: string, written: string): number {
  const [, number = "", unit = "us"] = /^(\d+(?:\.\d+)?)(s|ms|us|ns)?$/.exec(value) ?? [];
  return number === ""
    ? invalid(written, value)
    : Math.round(Number(number) * (UNITS_NS[unit] ?? 1));
}

/** A number; a name is that of the programs that run. */
function pidsOf(word: string): readonly number[] {
  if (/^\d+$/.test(word) && Number(word) > 0) return [Number(word)];
  const pids = pidsByName(word);
  if (pids.length === 0) throw new TraceUsageError(`Invalid process id: '${word}'`);
  return pids;
}
