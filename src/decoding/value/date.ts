/** Seconds since 1970 as a date, in the zone of who prints. */

const two = (number: number): string => String(number).padStart(2, "0");

/** `2026-12-01T04:43:05.123456789+0000`; empty for the beginning of time, and beyond the years that exist. */
export function formatDate(seconds: bigint, nanoseconds: bigint): string {
  if ((seconds === 0n && nanoseconds === 0n) || nanoseconds > 999_999_999n) return "";
  const date = new Date(Number(seconds) * 1000);
  if (Number.isNaN(date.getTime())) return "";
  const zone = -date.getTimezoneOffset();
  const offset = `${zone < 0 ? "-" : "+"}${two(Math.floor(Math.abs(zone) / 60))}${two(Math.abs(zone) % 60)}`;
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  const time = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
  const fraction = nanoseconds === 0n ? "" : `.${String(nanoseconds).padStart(9, "0")}`;
  return `${day}T${time}${fraction}${offset}`;
}

/** As a comment behind the number. */
export function dateComment(seconds: bigint, nanoseconds: bigint): string {
  const text = formatDate(seconds, nanoseconds);
  return text === "" ? "" : ` /* ${text} */`;
}
