/**
 * A whole terminal: frames on its alternate screen, keys one by one. Lines are overwritten in place and never cleared
 * first, so nothing flickers. However the program ends, the terminal is as it was before.
 */
const ENTER = "\x1b[?1049h\x1b[?25l";
const LEAVE = "\x1b[?25h\x1b[?1049l";
const HOME = "\x1b[H";
const END_OF_LINE = "\x1b[K";
const END_OF_SCREEN = "\x1b[J";
/** A terminal that knows these shows the frame at once; others ignore them. */
const BEGIN_UPDATE = "\x1b[?2026h";
const END_UPDATE = "\x1b[?2026l";

export class Screen {
  readonly #input = process.stdin;
  readonly #output = process.stdout;
  readonly #onKey: (key: string) => void;
  readonly #onResize: () => void;
  #isOpen = true;
  readonly #restore = (): void => this.close();
  readonly #onData = (data: Buffer): void => {
    for (const key of data.toString("latin1")) this.#onKey(key);
  };

  constructor(onKey: (key: string) => void, onResize: () => void) {
    this.#onKey = onKey;
    this.#onResize = onResize;
    // also when the program ends by an error
    process.on("exit", this.#restore);
    if (this.#input.isTTY) {
      this.#input.setRawMode(true);
      this.#input.on("data", this.#onData).resume();
    }
    this.#output.on("resize", this.#onResize);
    this.#output.write(ENTER);
  }

  get columns(): number {
    return this.#output.columns || 80;
  }

  get rows(): number {
    return this.#output.rows || 24;
  }

  show(lines: readonly string[]): void {
    const text = lines.map((line) => `${line}${END_OF_LINE}`).join("\r\n");
    this.#output.write(`${BEGIN_UPDATE}${HOME}${text}${END_OF_SCREEN}${END_UPDATE}`);
  }

  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    process.off("exit", this.#restore);
    this.#output.off("resize", this.#onResize);
    this.#output.write(LEAVE);
    if (this.#input.isTTY) {
      this.#input.off("data", this.#onData).pause();
      this.#input.setRawMode(false);
    }
  }
}
