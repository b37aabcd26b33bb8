/** What takes longer than a moment is shown on a terminal while it lasts: one line, which is gone when it is over. */

/** Nobody wonders before. */
const QUIET_MS = 1000;
const EVERY_MS = 250;

export interface ProgressStream {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

export class ProgressLine {
  readonly #stream: ProgressStream;
  readonly #timer: NodeJS.Timeout | undefined;
  readonly #began = performance.now();
  readonly #text: () => string;
  #isShown = false;

  /** `text` is asked for what to show; the time is put behind it. Nothing is shown where `stream` is no terminal. */
  constructor(text: () => string, stream: ProgressStream = process.stderr) {
    this.#stream = stream;
    this.#text = text;
    if (stream.isTTY !== true || process.env["TERM"] === "dumb") return;
    this.#timer = setInterval(() => this.#show(), EVERY_MS).unref();
  }

  end(): void {
    clearInterval(this.#timer);
    if (this.#isShown) this.#stream.write("\r\x1b[K");
    this.#isShown = false;
  }

  #show(): void {
    const tookMs = performance.now() - this.#began;
    if (tookMs < QUIET_MS) return;
    this.#isShown = true;
    this.#stream.write(`\r\x1b[K${this.#text()}, ${Math.floor(tookMs / 1000)}s`);
  }
}
