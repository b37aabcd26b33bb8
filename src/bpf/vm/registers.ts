/**
 * Registers r0…r10 as two halves of 32 bits each: JavaScript computes exactly on those, and much faster than on bigint.
 * Every half is a signed 32-bit number, as `|0` leaves it.
 */

const COUNT = 11;

export class Registers {
  readonly low = new Int32Array(COUNT);
  readonly high = new Int32Array(COUNT);

  /** The value as an unsigned number of 64 bits. */
  get(n: number): bigint {
    return (BigInt(this.unsignedHigh(n)) << 32n) | BigInt(this.unsignedLow(n));
  }

  set(n: number, value: bigint): void {
    this.low[n] = Number(BigInt.asIntN(32, value));
    this.high[n] = Number(BigInt.asIntN(32, value >> 32n));
  }

  setHalves(n: number, high: number, low: number): void {
    this.high[n] = high;
    this.low[n] = low;
  }

  copy(to: number, from: number): void {
    this.setHalves(to, this.high[from] as number, this.low[from] as number);
  }

  unsignedLow(n: number): number {
    return (this.low[n] as number) >>> 0;
  }

  unsignedHigh(n: number): number {
    return (this.high[n] as number) >>> 0;
  }

  /** The callee's r6…r9 and r10 are its own: what the caller gets back. */
  saved(): readonly bigint[] {
    return [6, 7, 8, 9, 10].map((n) => this.get(n));
  }

  restore(saved: readonly bigint[]): void {
    saved.forEach((value, i) => {
      this.set(6 + i, value);
    });
  }
}
