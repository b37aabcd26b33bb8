/** Signals by name and number, as strace writes them: real-time ones are counted from SIGRTMIN of the kernel. */
import { constants } from "node:os";
import { LAST_SIGNAL } from "../../base/linux-abi.ts";

/** Where two names mean one signal, the one that is printed. */
const PREFERRED = ["SIGABRT", "SIGCHLD", "SIGIO", "SIGSYS"];
const FIRST_REAL_TIME = 32;

const numbers: ReadonlyMap<string, number> = new Map(Object.entries(constants.signals));
const names = new Map<number, string>();
for (const [name, number] of numbers)
  if (!names.has(number) || PREFERRED.includes(name)) names.set(number, name);

export function signalText(signal: number): string {
  if (signal === FIRST_REAL_TIME) return "SIGRTMIN";
  if (signal > FIRST_REAL_TIME && signal <= LAST_SIGNAL) return `SIGRT_${signal - FIRST_REAL_TIME}`;
  return names.get(signal) ?? String(signal);
}

/** With or without SIG, in any case; undefined: there is none of that name or number. */
export function signalNumber(text: string): number | undefined {
  if (/^\d+$/.test(text)) {
    const number = Number(text);
    return number >= 1 && number <= LAST_SIGNAL ? number : undefined;
  }
  const upper = text.toUpperCase();
  const name = upper.startsWith("SIG") ? upper : `SIG${upper}`;
  const known = numbers.get(name);
  if (known !== undefined) return known;
  if (name === "SIGRTMIN") return FIRST_REAL_TIME;
  if (name === "SIGRTMAX") return LAST_SIGNAL;
  const [, offset] = /^SIGRT_(\d+)$/.exec(name) ?? [];
  const number = FIRST_REAL_TIME + Number(offset);
  return number <= LAST_SIGNAL ? number : undefined;
}
