/** Moments as JSON has them where nobody knows them to the nanosecond: `2026-12-01T08:15:30.250000000Z`. */
export function timestampText(ms = Date.now()): string {
  return new Date(ms).toISOString().replace("Z", "000000Z");
}
