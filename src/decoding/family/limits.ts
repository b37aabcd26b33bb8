/** Limits, priorities, scheduling, and what the system says of itself. */
import type { Decoding } from "../context.ts";
import { type DecodingFamily, input, output, type Show } from "../piece.ts";
import {
  addressOf,
  fetchBytes,
  numberForm,
  pointerTo,
  pointerToNumber,
  readNumber,
} from "../value/form.ts";
import { codedForm } from "../value/member.ts";
import { formatHex, formatPointer, showInt, showUint } from "../value/number.ts";
import { formatTicks } from "../value/siginfo.ts";
import { showStruct } from "../value/struct.ts";
import { showChoice, showFlags, showSymbols } from "../value/symbol.ts";
import { showTimespec32, showTimespec64 } from "../value/time.ts";

const showResource = showSymbols("resource", "RLIMIT_???");
const KIB = 1024n;

const showLimitOf =
  (bits: 32 | 64): Show =>
  ({ options }, value) => {
    const limit = BigInt.asUintN(bits, value);
    const name = limitName(limit, bits);
    if (name === undefined || options.constants === "raw") return String(limit);
    return options.constants === "verbose" ? `${limit} /* ${name} */` : name;
  };

function limitName(limit: bigint, bits: 32 | 64): string | undefined {
  if (limit === (1n << BigInt(bits)) - 1n) return bits === 64 ? "RLIM64_INFINITY" : "RLIM_INFINITY";
  return limit > KIB && limit % KIB === 0n ? `${limit / KIB}*1024` : undefined;
}

const limitsOf = (layout: string, bits: 32 | 64): Show =>
  showStruct(layout, "rlim_cur rlim_max", {
    rlim_cur: showLimitOf(bits),
    rlim_max: showLimitOf(bits),
  });
const wide = limitsOf("rlimit64", 64);
const narrow = limitsOf("rlimit", 32);
const resource = input(showResource);
const pid = input(showInt);

const showScheduler = showChoice(
  "SCHED_OTHER SCHED_FIFO SCHED_RR SCHED_BATCH SCHED_ISO SCHED_IDLE SCHED_DEADLINE",
  "SCHED_???",
);
const policy = input((call, value) => {
  const bits = BigInt.asUintN(32, value);
  const RESET = 0x40000000n;
  if ((bits & RESET) === 0n) return showScheduler(call, bits);
  return `${showScheduler(call, bits & ~RESET)}|SCHED_RESET_ON_FORK`;
});
const intBehind = pointerToNumber(numberForm(4, showInt, true));
const uintBehind = pointerToNumber(numberForm(4, showUint));
const showSchedFlags = showFlags(
  `SCHED_FLAG_RESET_ON_FORK SCHED_FLAG_RECLAIM SCHED_FLAG_DL_OVERRUN SCHED_FLAG_KEEP_POLICY SCHED_FLAG_KEEP_PARAMS
  SCHED_FLAG_UTIL_CLAMP_MIN SCHED_FLAG_UTIL_CLAMP_MAX`,
  "SCHED_FLAG_???",
  { bits: 64 },
);
const FIRST_SIZE = 48;
const schedAttr = pointerTo(
  codedForm("sched_attr", FIRST_SIZE, (_, text) =>
    text
      .add("size")
      .add("sched_policy", showScheduler)
      .add("sched_flags", showSchedFlags)
      .add("sched_nice", showInt)
      .add("sched_priority")
      .add("sched_runtime")
      .add("sched_deadline")
      .add("sched_period")
      .end(),
  ),
);

/** More processors than a machine has. */
const MOST_BYTES = 8192;

/** `[0 1 2 3]`. */
function formatMask(call: Decoding, value: bigint, length: number): string {
  const address = addressOf(call, value);
  if (length === 0 && address !== 0n && !call.hasFailed) return "[]";
  const bytes = fetchBytes(call, address, Math.min(length, MOST_BYTES));
  if (bytes === undefined) return formatPointer(address);
  const members: number[] = [];
  for (let i = 0; i < 8 * bytes.length; i += 1) {
    if ((((bytes[i >> 3] ?? 0) >> (i & 7)) & 1) === 1) members.push(i);
  }
  return `[${members.join(" ")}]`;
}

const lengthOf = (call: Decoding): number => Number(BigInt.asUintN(32, call.argument(1)));
const priority = input(showChoice("PRIO_PROCESS PRIO_PGRP PRIO_USER", "PRIO_???"));

const utsname = (layout: string): Show => {
  const rest = layout === "new_utsname" ? " domainname" : "";
  return showStruct(layout, `sysname nodename | release version machine${rest}`);
};
const loads = pointerTo({
  size: (call) => (call.word === 8 ? 112 : 64),
  format(call, bytes) {
    const { word } = call;
    const at = (index: number, signed = false): bigint =>
      readNumber(bytes, index * word, word, signed);
    const names = "totalram freeram sharedram bufferram totalswap freeswap".split(" ");
    const sizes = names.map((name, i) => `${name}=${at(4 + i)}`);
    const procs = readNumber(bytes, 10 * word, 2);
    const high = [`totalhigh=${at(11)}`, `freehigh=${at(12)}`];
    const unit = readNumber(bytes, 13 * word, 4);
    const load = `[${at(1)}, ${at(2)}, ${at(3)}]`;
    const all = [`uptime=${at(0)}`, `loads=${load}`, ...sizes, `procs=${procs}`, ...high];
    return `{${all.join(", ")}, mem_unit=${unit}}`;
  },
});
const processTimes = output((call, value) => {
  const address = addressOf(call, value);
  const bytes = fetchBytes(call, address, 4 * call.word);
  if (bytes === undefined) return formatPointer(address);
  const names = "tms_utime tms_stime tms_cutime tms_cstime".split(" ");
  const texts = names.map(
    (name, i) => `${name}=${formatTicks(readNumber(bytes, i * call.word, call.word))}`,
  );
  return `{${texts.join(", ")}}`;
});

const showPersonality = showSymbols("personality", "PER_???");
/** It is asked for, not set. */
const ASKED = 0xffff_ffffn;

export const limitsDecoding: DecodingFamily = {
  getrlimit: { pieces: [resource, output(wide)] },
  setrlimit: { pieces: [resource, input(wide)] },
  "getrlimit/i386": { pieces: [resource, output(narrow)] },
  "setrlimit/i386": { pieces: [resource, input(narrow)] },
  ugetrlimit: { pieces: [resource, output(narrow)] },
  prlimit64: { pieces: [pid, resource, input(wide), output(wide)] },
  getpriority: { pieces: [priority, pid] },
  setpriority: { pieces: [priority, pid, input(showInt)] },
  sched_setscheduler: { pieces: [pid, policy, input(intBehind)] },
  sched_getscheduler: {
    pieces: [pid],
    note: (call) => (call.hasFailed ? undefined : showScheduler(call, call.ret)),
  },
  sched_setparam: { pieces: [pid, input(intBehind)] },
  sched_getparam: { pieces: [pid, output(intBehind)] },
  sched_get_priority_max: { pieces: [input(showScheduler)] },
  sched_get_priority_min: { pieces: [input(showScheduler)] },
  sched_rr_get_interval: { pieces: [pid, output(showTimespec64)] },
  "sched_rr_get_interval/i386": { pieces: [pid, output(showTimespec32)] },
  sched_setattr: { pieces: [pid, input(schedAttr), input(showUint)] },
  sched_getattr: { pieces: [pid, output(schedAttr), input(showUint), input(showUint)] },
  sched_setaffinity: {
    pieces: [pid, input(showUint), input((call, value) => formatMask(call, value, lengthOf(call)))],
  },
  sched_getaffinity: {
    pieces: [
      pid,
      input(showUint),
      output((call, value) => formatMask(call, value, Number(call.ret))),
    ],
  },
  getcpu: {
    pieces: [
      output(uintBehind),
      output(uintBehind),
      input((call, value) => formatPointer(addressOf(call, value))),
    ],
  },
  uname: { pieces: [output(utsname("new_utsname"))] },
  olduname: { pieces: [output(utsname("old_utsname"))] },
  sysinfo: { pieces: [output(loads)] },
  personality: {
    pieces: [
      input((call, value) =>
        BigInt.asUintN(32, value) === ASKED ? formatHex(ASKED) : showPersonality(call, value),
      ),
    ],
    result: (_, value) => formatHex(value),
    note: (call) => (call.hasFailed ? undefined : showPersonality(call, call.ret)),
  },
  times: { pieces: [processTimes] },
};
