/** Where the lines of an answer that lasts go: the other end of a connection, which may be slow or gone. */

export interface LineSink {
  /** Bytes that the other end has not taken yet. */
  readonly pendingBytes: number;
  /** The connection is over, or the service ends. */
  readonly isClosed: boolean;
  /** Takes whole lines; the bytes must not change any more. */
  write(lines: Uint8Array): void;
  /** Called whenever the other end has taken all. */
  onDrain: () => void;
  /** Resolves when `isClosed` is true. */
  readonly closed: Promise<void>;
  /** Resolves when the other end has taken all, or nothing can be written any more. */
  drained(): Promise<void>;
}

/** An answer of more than one line. */
export class LastingAnswer {
  readonly first: object;
  /** Whether the other end may leave lines unread for as long as it likes. */
  readonly mayPause: boolean;
  /** Writes lines until there are no more, or the sink is closed; resolves to the last line, if there is one. */
  readonly run: (lines: LineSink) => Promise<object | undefined>;

  constructor(first: object, mayPause: boolean, run: LastingAnswer["run"]) {
    this.first = first;
    this.mayPause = mayPause;
    this.run = run;
  }
}
