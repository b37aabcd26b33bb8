/** A browser without a window, by the pipe of its debugging protocol: pages from files, keys, what a script finds, pictures. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";
import { pathToFileURL } from "node:url";

interface Answer {
  readonly id?: number;
  readonly method?: string;
  readonly params?: unknown;
  readonly result?: unknown;
  readonly error?: { readonly message: string };
}

const KEYS: Readonly<Record<string, number>> = {
  ...{ Enter: 13, Escape: 27, End: 35, Home: 36, Tab: 9 },
  ...{ ArrowLeft: 37, ArrowUp: 38, ArrowRight: 39, ArrowDown: 40 },
};

export interface View {
  readonly width?: number;
  readonly height?: number;
  readonly scheme?: "light" | "dark";
}

export class Browser {
  readonly #process: ChildProcess;
  readonly #input: Writable;
  readonly #home = mkdtempSync(join(tmpdir(), "sct-browser-"));
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  readonly #events = new Map<string, () => void>();
  /** What pages have complained about: errors of scripts, and what their policy refused. */
  readonly complaints: string[] = [];
  #rest = Buffer.alloc(0);
  #next = 0;
  #session: string | undefined;

  private constructor() {
    const options = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"];
    this.#process = spawn(
      "chromium",
      [...options, "--remote-debugging-pipe", `--user-data-dir=${this.#home}`, "about:blank"],
      { stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"] },
    );
    const [, , , input, output] = this.#process.stdio;
    this.#input = input as Writable;
    (output as Readable).on("data", (piece: Buffer) => this.#take(piece));
  }

  /** Rejects where there is no browser. */
  static async start(): Promise<Browser> {
    const browser = new Browser();
    const failed = new Promise<never>((_, reject) => browser.#process.once("error", reject));
    await Promise.race([browser.#attach(), failed]);
    return browser;
  }

  async #attach(): Promise<void> {
    const { targetId } = await this.#call<{ targetId: string }>("Target.createTarget", {
      url: "about:blank",
    });
    const { sessionId } = await this.#call<{ sessionId: string }>("Target.attachToTarget", {
      targetId,
      flatten: true,
    });
    this.#session = sessionId;
    for (const domain of ["Page", "Runtime", "Log"]) await this.#call(`${domain}.enable`, {});
  }

  /** Resolves when it is loaded, to how long that took, ms. */
  async open(path: string, { width = 1200, height = 800, scheme = "light" }: View = {}) {
    await this.#call("Emulation.setDeviceMetricsOverride", {
      ...{ width, height, deviceScaleFactor: 1, mobile: false },
    });
    await this.#call("Emulation.setEmulatedMedia", {
      features: [{ name: "prefers-color-scheme", value: scheme }],
    });
    const loaded = new Promise<void>((resolve) => this.#events.set("Page.loadEventFired", resolve));
    const start = performance.now();
    await this.#call("Page.navigate", { url: pathToFileURL(path).href });
    await loaded;
    // painted, too
    await this.evaluate("new Promise((done) => requestAnimationFrame(() => setTimeout(done)))");
    return performance.now() - start;
  }

  async evaluate<T>(expression: string): Promise<T> {
    const { result, exceptionDetails } = await this.#call<{
      result: { value: T };
      exceptionDetails?: unknown;
    }>("Runtime.evaluate", { expression, awaitPromise: true, returnByValue: true });
    if (exceptionDetails !== undefined) throw new Error(JSON.stringify(exceptionDetails));
    return result.value;
  }

  async press(...keys: readonly string[]): Promise<void> {
    for (const key of keys) {
      const code = KEYS[key];
      const what =
        code === undefined ? { key, text: key } : { key, code: key, windowsVirtualKeyCode: code };
      const text = key === "Enter" ? { text: "\r" } : {};
      await this.#call("Input.dispatchKeyEvent", { type: "keyDown", ...what, ...text });
      await this.#call("Input.dispatchKeyEvent", { type: "keyUp", ...what });
    }
  }

  /** A picture as PNG has it. */
  async picture(): Promise<Buffer> {
    const { data } = await this.#call<{ data: string }>("Page.captureScreenshot", {});
    return Buffer.from(data, "base64");
  }

  async close(): Promise<void> {
    const ended = new Promise((resolve) => this.#process.once("exit", resolve));
    this.#process.kill("SIGKILL");
    await ended;
    rmSync(this.#home, { recursive: true, force: true, maxRetries: 20 });
  }

  async #call<T = unknown>(method: string, params: object): Promise<T> {
    const id = ++this.#next;
    const sessionId = this.#session;
    const answered = new Promise<Answer>((resolve) => this.#waiting.set(id, resolve));
    this.#input.write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
    const { result, error } = await answered;
    if (error !== undefined) throw new Error(`${method}: ${error.message}`);
    return result as T;
  }

  /** Messages have a NUL behind each. */
  #take(piece: Buffer): void {
    this.#rest = Buffer.concat([this.#rest, piece]);
    for (let end = this.#rest.indexOf(0); end >= 0; end = this.#rest.indexOf(0)) {
      const message: Answer = JSON.parse(this.#rest.toString("utf8", 0, end));
      this.#rest = this.#rest.subarray(end + 1);
      if (message.id !== undefined) this.#waiting.get(message.id)?.(message);
      const { method = "" } = message;
      this.#events.get(method)?.();
      if (method === "Runtime.exceptionThrown" || method === "Log.entryAdded")
        this.complaints.push(JSON.stringify(message.params));
    }
  }
}
