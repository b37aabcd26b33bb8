/** A real Prometheus that scrapes one address of this machine each second, ended with the test. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { freePort, Receiver, temporaryDirectory } from "./receiver.ts";

export class Prometheus {
  readonly #port: number;

  private constructor(port: number) {
    this.#port = port;
  }

  static async scraping(t: TestContext, target: number): Promise<Prometheus> {
    const directory = temporaryDirectory(t);
    const port = await freePort();
    const config = join(directory, "prometheus.yml");
    writeFileSync(
      config,
      `global: { scrape_interval: 1s, scrape_timeout: 1s }
scrape_configs:
  - job_name: sct
    static_configs: [{ targets: ["127.0.0.1:${target}"] }]
`,
    );
    new Receiver(t, "prometheus", [
      `--config.file=${config}`,
      `--storage.tsdb.path=${join(directory, "data")}`,
      `--web.listen-address=127.0.0.1:${port}`,
      "--log.level=error",
    ]);
    return new Prometheus(port);
  }

  /** Value of the first series that the query gives now; undefined: there is none, or it does not answer yet. */
  async query(text: string): Promise<string | undefined> {
    try {
      const url = `http://127.0.0.1:${this.#port}/api/v1/query?query=${encodeURIComponent(text)}`;
      const answer = (await (await fetch(url)).json()) as {
        data?: { result?: { value: [number, string] }[] };
      };
      return answer.data?.result?.[0]?.value[1];
    } catch {
      return undefined; // it does not listen yet
    }
  }
}
