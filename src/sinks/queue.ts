/** First in, first out, bounded by bytes and by count. */
export interface QueueLimits {
  readonly bytes: number;
  readonly count: number;
}

export class BoundedQueue<T extends { readonly size: number }> {
  private readonly limits: QueueLimits;
  private items: T[] = [];
  /** Index of the first; what is before it was taken. */
  private head = 0;
  private sum = 0;

  constructor(limits: QueueLimits) {
    this.limits = limits;
  }

  get count(): number {
    return this.items.length - this.head;
  }

  get bytes(): number {
    return this.sum;
  }

  /** Half empty at least: time to take more again. */
  get isLow(): boolean {
    return this.sum <= this.limits.bytes / 2 && this.count <= this.limits.count / 2;
  }

  /** False when there is no room. An empty queue takes anything. */
  add(item: T): boolean {
    const isFull = this.sum + item.size > this.limits.bytes || this.count >= this.limits.count;
    if (isFull && this.count > 0) return false;
    this.items.push(item);
    this.sum += item.size;
    return true;
  }

  /** The first ones, at least one if there is any. */
  peek(most: QueueLimits): readonly T[] {
    let bytes = 0;
    let end = this.head;
    const last = Math.min(this.items.length, this.head + most.count);
    for (; end < last; end++) {
      bytes += this.items[end]?.size ?? 0;
      if (bytes > most.bytes && end > this.head) break;
    }
    return this.items.slice(this.head, end);
  }

  remove(count: number): void {
    const end = Math.min(this.head + count, this.items.length);
    for (let i = this.head; i < end; i++) this.sum -= this.items[i]?.size ?? 0;
    this.head = end;
    // copying the rest only when it is the smaller part costs little for each that was taken
    if (this.head * 2 < this.items.length) {
      // what was taken must not be kept alive until then
      this.items.fill(undefined as never, end - count, end);
      return;
    }
    this.items = this.items.slice(this.head);
    this.head = 0;
  }
}
