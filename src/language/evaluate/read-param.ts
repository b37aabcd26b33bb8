/** Numbers of one call, as presented: where values come from in registers and memory. */
import type { CallView } from "../call-view.ts";
import type { ParamType, PresentationGuard, PresentedParam, ValueSource } from "../vocabulary.ts";
import { addressOn, fromBytes, type Missing } from "./read-bytes.ts";
import { isVector, readVectorLength } from "./read-vector.ts";

/** Cut or extended to the value that the C type has. */
export function extend(value: bigint, { size, signed }: ParamType): bigint {
  return signed ? BigInt.asIntN(size * 8, value) : BigInt.asUintN(size * 8, value);
}

/** The bits of a source, not yet extended. */
export function readSource(call: CallView, source: ValueSource): bigint | Missing {
  switch (source.kind) {
    case "arg":
      return call.arg(source.index);
    case "constant":
      return source.value;
    case "absent":
      return "absent";
    case "unknown":
      return "unreadable";
    case "process":
      return call.processOf?.(call.arg(source.arg)) ?? "unreadable";
    case "memory": {
      if (source.isTimespec === true) return readMilliseconds(call, source);
      if (isVector(source) && source.vector.holds === "length")
        return readVectorLength(call, source);
      const at = addressOn(call, call.arg(source.pointerArg) + BigInt(source.offset));
      const bytes = call.readMemory(at, source.size);
      return bytes ? fromBytes(bytes) : "unreadable";
    }
  }
}

const NS_PER_MS = 1_000_000n;

/** Rounded up, as the kernel waits. */
function readMilliseconds(
  call: CallView,
  { pointerArg, size }: Extract<ValueSource, { kind: "memory" }>,
): bigint | Missing {
  const at = addressOn(call, call.arg(pointerArg));
  if (at === 0n) return -1n;
  const [seconds, nanoseconds] = [0, size].map((offset) =>
    call.readMemory(addressOn(call, at + BigInt(offset)), size),
  );
  if (!seconds || !nanoseconds) return "unreadable";
  const [s, ns] = [seconds, nanoseconds].map((bytes) => BigInt.asIntN(size * 8, fromBytes(bytes)));
  // times that make no sense, which the kernel refuses, are what 64 bits make of them
  return (s ?? 0n) * 1000n + BigInt.asUintN(64, (ns ?? 0n) + NS_PER_MS - 1n) / NS_PER_MS;
}

/** Whether a presentation applies to the call; memory that cannot be read does not satisfy a guard. */
export function guardHolds(call: CallView, guard: PresentationGuard): boolean {
  const value = readSource(call, guard.source);
  return typeof value === "bigint" && (value & guard.mask) === guard.value;
}

export function presented(call: CallView, index: number): PresentedParam | undefined {
  return call.presentation.params[index - 1];
}

/** Number in a presented parameter, extended from its own width and sign. */
export function readParam(call: CallView, index: number): bigint | Missing {
  const param = presented(call, index);
  if (!param) return "absent";
  const value = readSource(call, param.source);
  return typeof value === "bigint" ? extend(value, param.type) : value;
}

/** Absent: NULL. */
export function readGivenAddress(call: CallView, index: number): bigint | Missing {
  const value = readParam(call, index);
  if (typeof value !== "bigint") return value;
  return value === 0n ? "absent" : addressOn(call, value);
}

/** struct mmsghdr is a struct msghdr with a number behind it, padded. */
const MESSAGE_WORDS = 8;

/** Of a parameter that leads to several messages: where the one is that the call is looked at for. Absent: NULL. */
export function readMessageAddress(call: CallView, index: number): bigint | Missing {
  const start = readGivenAddress(call, index);
  const { message = 0 } = call;
  if (typeof start !== "bigint" || message === 0) return start;
  if (presented(call, index)?.address?.in !== "mmsghdr") return start;
  return addressOn(call, start + BigInt(message * MESSAGE_WORDS * call.wordSize));
}
