/** Numbers as C would print them. */
import type { Decoding } from "../context.ts";
import type { Show } from "../piece.ts";

export const showInt: Show = (_, value) => BigInt.asIntN(32, value).toString();
export const showUint: Show = (_, value) => BigInt.asUintN(32, value).toString();
export const showLong: Show = (call, value) => BigInt.asIntN(8 * call.word, value).toString();
export const showUlong: Show = (call, value) => BigInt.asUintN(8 * call.word, value).toString();
export const showS64: Show = (_, value) => BigInt.asIntN(64, value).toString();
export const showU64: Show = (_, value) => BigInt.asUintN(64, value).toString();

/** A user or group; -1: none, the id stays as it is. */
export const showId: Show = (_, value) => {
  const id = BigInt.asUintN(32, value);
  return id === 0xffff_ffffn ? "-1" : id.toString();
};

/** 0 has no prefix, as with `%#x`. */
export function formatHex(value: bigint): string {
  return value === 0n ? "0" : `0x${BigInt.asUintN(64, value).toString(16)}`;
}
export const showHex: Show = (call, value) => formatHex(BigInt.asUintN(8 * call.word, value));

/** `NULL`, or the address. */
export function formatPointer(value: bigint): string {
  return value === 0n ? "NULL" : formatHex(value);
}
export const showAddress: Show = (call: Decoding, value) =>
  formatPointer(BigInt.asUintN(8 * call.word, value));

/** A mode: at least `00`-like three digits. */
export function formatOctal(value: bigint): string {
  return value === 0n ? "000" : `0${value.toString(8).padStart(2, "0")}`;
}
export const showMode: Show = (_, value) => formatOctal(BigInt.asUintN(16, value));
