/** Times as lines show them. */
import type { Precision, Timestamps } from "./plan.ts";

const NS = 1_000_000_000n;
/** What the steady clock has to be moved by, to be that of the wall. */
const offset = BigInt(Math.round(performance.timeOrigin * 1000)) * 1000n;
const origin = process.hrtime.bigint() - BigInt(Math.round(performance.now() * 1_000_000));

export function wallClockNs(): bigint {
  return offset + (process.hrtime.bigint() - origin);
}

/** Seconds with as many digits as asked for. */
export function secondsText(ns: bigint, precision: Precision, width = 0): string {
  const seconds = String(ns / NS).padStart(width);
  return precision === 0 ? seconds : `${seconds}.${fraction(ns, precision)}`;
}

function fraction(ns: bigint, precision: Precision): string {
  return String(ns % NS)
    .padStart(9, "0")
    .slice(0, precision);
}

let lastSecond = -1n;
let lastText = "";

/** Of the local time zone. */
export function timestampPrefix(ns: bigint, { form, precision }: Timestamps): string {
  if (form === "unix") return secondsText(ns, precision);
  const second = ns / NS;
  if (second !== lastSecond) {
    lastSecond = second;
    lastText = new Date(Number(second) * 1000).toTimeString().slice(0, 8);
  }
  return precision === 0 ? lastText : `${lastText}.${fraction(ns, precision)}`;
}
