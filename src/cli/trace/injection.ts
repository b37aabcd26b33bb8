/** `-e inject=SET[:error=E][:retval=N][:signal=S][:delay_enter=T][:when=W]…`. */

import { constants } from "node:os";
import { table } from "../../base/table.ts";
import { type Injection, type MemoryPoke, signalNumber } from "../../engines/strace/index.ts";
import { groupMembers } from "./call-groups.ts";
import { CallSetBuilder } from "./sets.ts";
import { TraceUsageError } from "./usage-error.ts";

type Draft = { -readonly [name in keyof Injection]: Injection[name] };

const MOST = 65535;
const LARGEST_ERROR = 4095;
const UNITS_US = table<number>({ s: 1e6, ms: 1e3, us: 1, ns: 1e-3 });

/** Throws TraceUsageError where it says nothing that could be done. */
export function readInjection(text: string): Injection {
  const [set = "", ...entries] = text.split(":");
  const fail = (): never => {
    throw new TraceUsageError(`invalid inject argument '${text}'`);
  };
  const calls = new CallSetBuilder();
  calls.add(set);
  const draft: Draft = {
    set,
    calls: calls.build(false),
    first: 1,
    last: Number.POSITIVE_INFINITY,
    step: 1,
    pokes: [],
  };
  for (const entry of entries) {
    const at = entry.indexOf("=");
    const apply = ENTRIES[entry.slice(0, Math.max(at, 0))];
    if (apply?.(draft, entry.slice(at + 1)) !== true) fail();
  }
  const { errno, retval, signal, delayEnterUs, delayExitUs, pokes, syscall } = draft;
  const isReplaced = errno !== undefined || retval !== undefined;
  const does = isReplaced || [signal, delayEnterUs, delayExitUs].some((one) => one !== undefined);
  if (!does && pokes.length === 0) fail();
  if (errno !== undefined && retval !== undefined) fail();
  if (syscall !== undefined && !isReplaced) fail();
  return draft;
}

const ERRNOS = table<number>(constants.errno);

type Entry = (draft: Draft, value: string) => boolean;

const ENTRIES = table<Entry>({
  error: (draft, value) => {
    const errno = /^\d+$/.test(value) ? Number(value) : (ERRNOS[value] ?? 0);
    if (draft.errno !== undefined || errno < 1 || errno > LARGEST_ERROR) return false;
    draft.errno = errno;
    return true;
  },
  retval: (draft, value) => {
    if (draft.retval !== undefined || !/^(?:-?\d+|0x[0-9a-f]+)$/i.test(value)) return false;
    draft.retval = BigInt(value);
    return true;
  },
  signal: (draft, value) => {
    const signal = signalNumber(value);
    if (draft.signal !== undefined || signal === undefined) return false;
    draft.signal = signal;
    return true;
  },
  syscall: (draft, value) => {
    if (groupMembers("%pure")?.includes(value) !== true) return false;
    draft.syscall = value;
    return true;
  },
  delay_enter: (draft, value) => {
    const us = microseconds(value);
    if (us !== undefined) draft.delayEnterUs = us;
    return us !== undefined;
  },
  delay_exit: (draft, value) => {
    const us = microseconds(value);
    if (us !== undefined) draft.delayExitUs = us;
    return us !== undefined;
  },
  poke_enter: (draft, value) => addPokes(draft, value, "enter"),
  poke_exit: (draft, value) => addPokes(draft, value, "exit"),
  when: (draft, value) => {
    const [whole, first = "", last, plus, step = ""] =
      /^(\d+)(?:\.\.(\d+))?(\+(\d*))?$/.exec(value) ?? [];
    if (whole === undefined) return false;
    draft.first = Number(first);
    draft.step = step === "" ? 1 : Number(step);
    const end = plus === undefined ? draft.first : Number.POSITIVE_INFINITY;
    draft.last = last === undefined ? end : Number(last);
    const numbers = [draft.first, draft.step, ...(last === undefined ? [] : [draft.last])];
    return numbers.every((number) => number >= 1 && number <= MOST) && draft.last >= draft.first;
  },
});

/** Microseconds where no unit is given. */
function microseconds(value: string): number | undefined {
  const [whole, number = "", unit = "us"] = /^(\d+(?:\.\d+)?)(s|ms|us|ns)?$/.exec(value) ?? [];
  return whole === undefined ? undefined : Number(number) * (UNITS_US[unit] ?? 1);
}

/** `@arg2=0000dead,@arg3=00`. */
function addPokes(draft: Draft, value: string, when: MemoryPoke["when"]): boolean {
  const pokes: MemoryPoke[] = [];
  for (const word of value.split(",")) {
    const [, argument, hex = ""] = /^@arg([1-6])=((?:[0-9a-f]{2})+)$/i.exec(word) ?? [];
    if (argument === undefined) return false;
    pokes.push({ when, argument: Number(argument), bytes: Buffer.from(hex, "hex") });
  }
  draft.pokes = [...draft.pokes, ...pokes];
  return true;
}
