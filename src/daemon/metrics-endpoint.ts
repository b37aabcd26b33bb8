/**
 * The endpoint of metrics. An address that cannot be had is tried again: the service is there before the network, whose
 * addresses come later, and the process that holds the port may end.
 */
import { isDeepStrictEqual } from "node:util";
import { type Config, MetricsServer, type MetricsSnapshot } from "../sinks/index.ts";

const RETRY_MS = 5000;

export class MetricsEndpoint {
  /** Why there is none; undefined: there is, or none is wanted. */
  problem: string | undefined;
  readonly #snapshot: () => MetricsSnapshot | Promise<MetricsSnapshot>;
  readonly #report: (line: string) => void;
  readonly #retryMs: number;
  #config: Config["metrics"];
  #server: MetricsServer | undefined;
  #retry: NodeJS.Timeout | undefined;
  /** One after the other. */
  #last: Promise<void> = Promise.resolve();

  constructor(
    snapshot: () => MetricsSnapshot | Promise<MetricsSnapshot>,
    report: (line: string) => void,
    retryMs: number = RETRY_MS,
  ) {
    this.#snapshot = snapshot;
    this.#report = report;
    this.#retryMs = retryMs;
  }

  /** Of the endpoint, once it is there. */
  get port(): number | undefined {
    return this.#server?.port;
  }

  /** Resolves when it is there, or has been tried. One that is as before continues. */
  configure(config: Config["metrics"]): Promise<void> {
    return this.#enqueue(async () => {
      if (isDeepStrictEqual(config, this.#config) && this.problem === undefined) return;
      this.#config = config;
      await this.#server?.close();
      this.#server = undefined;
      if (config === undefined) this.problem = undefined;
      await this.#listen();
    });
  }

  close(): Promise<void> {
    return this.configure(undefined);
  }

  #enqueue(change: () => Promise<void>): Promise<void> {
    this.#last = this.#last.then(change);
    return this.#last;
  }

  async #listen(): Promise<void> {
    clearTimeout(this.#retry);
    if (this.#config === undefined || this.#server !== undefined) return;
    try {
      this.#server = await MetricsServer.listen(this.#config, this.#snapshot);
      if (this.problem !== undefined) this.#report("metrics can be had now");
      this.problem = undefined;
    } catch (error) {
      const problem = `no metrics: ${(error as Error).message}`;
      if (problem !== this.problem) this.#report(problem);
      this.problem = problem;
      this.#retry = setTimeout(() => {
        void this.#enqueue(() => this.#listen());
      }, this.#retryMs).unref();
    }
  }
}
