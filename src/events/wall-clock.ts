/**
 * Turns a record's CLOCK_BOOTTIME into wall-clock time. The offset between the two is measured by the code that opens
 * the engine and measured again now and then, because the wall clock can be set.
 */
const BILLION = 1_000_000_000;
/** Number of values of a 16-bit digit. */
const RADIX = 65_536;

export class WallClock {
  /** Of the last `set`: seconds since 1970. */
  seconds = 0;
  nanoseconds = 0;
  #offsetSeconds = 0;
  #offsetNanoseconds = 0;

  /** `offsetNs`: CLOCK_REALTIME minus CLOCK_BOOTTIME. */
  constructor(offsetNs: bigint) {
    this.adjust(offsetNs);
  }

  adjust(offsetNs: bigint): void {
    let seconds = offsetNs / BigInt(BILLION);
    if (offsetNs < 0n && seconds * BigInt(BILLION) !== offsetNs) seconds -= 1n;
    this.#offsetSeconds = Number(seconds);
    this.#offsetNanoseconds = Number(offsetNs - seconds * BigInt(BILLION));
  }

  /**
   * Takes the two words of a boot time in ns. Long division by 16-bit digits: every step stays exact, where a
   * double of the whole would lose nanoseconds after 104 days of uptime.
   */
  set(low: number, high: number): void {
    let seconds = Math.floor(high / BILLION);
    let rest = high - seconds * BILLION;
    for (let shift = 16; shift >= 0; shift -= 16) {
      rest = rest * RADIX + ((low >>> shift) & (RADIX - 1));
      const quotient = Math.floor(rest / BILLION);
      seconds = seconds * RADIX + quotient;
      rest -= quotient * BILLION;
    }
    seconds += this.#offsetSeconds;
    let nanoseconds = rest + this.#offsetNanoseconds;
    if (nanoseconds >= BILLION) {
      nanoseconds -= BILLION;
      seconds++;
    }
    this.seconds = seconds;
    this.nanoseconds = nanoseconds;
  }
}
