/** POST of one body, with a time limit for all of it. Redirections are not followed: events go where the configuration says. */
import * as http from "node:http";
import * as https from "node:https";
import { readSmallFile } from "../../files/index.ts";
import type { HttpConfig } from "../config/outputs.ts";

export class Poster {
  readonly #config: HttpConfig;
  #agent: http.Agent | undefined;
  #request: http.ClientRequest | undefined;

  constructor(config: HttpConfig) {
    this.#config = config;
  }

  /** Resolves with the status of the answer. Rejects when there is none in time. */
  post(body: Buffer, type: string): Promise<number> {
    const { url, headers, timeoutMs } = this.#config;
    const isSecure = url.startsWith("https:");
    return new Promise((resolve, reject) => {
      this.#agent ??= this.#openAgent(isSecure);
      const request = (isSecure ? https : http).request(url, {
        method: "POST",
        agent: this.#agent,
        signal: AbortSignal.timeout(timeoutMs),
        headers: {
          "user-agent": "syscalltrack",
          ...Object.fromEntries(headers),
          "content-type": type,
          "content-length": body.length,
        },
      });
      this.#request = request;
      request.on("error", (error) => {
        // the next attempt reads the certificate again
        this.close();
        reject(
          error.name === "AbortError" ? new Error("The receiver does not answer in time") : error,
        );
      });
      request.on("response", (response) => {
        response.on("error", reject);
        response.on("end", () => resolve(response.statusCode ?? 0));
        response.on("close", () => reject(new Error("The receiver closed the connection")));
        response.resume();
      });
      request.end(body);
    });
  }

  close(): void {
    this.#request?.destroy();
    this.#agent?.destroy();
    this.#agent = undefined;
  }

  #openAgent(isSecure: boolean): http.Agent {
    const { ca } = this.#config;
    const options = { keepAlive: true, maxSockets: 1 };
    if (!isSecure) return new http.Agent(options);
    return new https.Agent({ ...options, ...(ca === undefined ? {} : { ca: readSmallFile(ca) }) });
  }
}
