/** Histories for tests of `sct log`, and its output. */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { fileURLToPath } from "node:url";
import type { StoredGeneration } from "../../../store/contract.ts";
import { History } from "../../../store/index.ts";
import { BOOT_OFFSET_NS, generation, RING, ringBytes } from "../../../store/testing/records.ts";
import { directory } from "../../../store/testing/stream.ts";
import type { CommandResult, Session } from "../../testing/session.ts";

/** The program whose command is tried, for what has a process of its own. */
export const main = fileURLToPath(new URL("../../main.ts", import.meta.url));

/** A state directory with a history, and `sct log` on it. */
export class Instance {
  readonly path: string;
  readonly file: string;
  readonly #session: Session | undefined;
  #position = 0;
  #seq = 0;

  /** A session is needed for commands that end by themselves. */
  constructor(t: TestContext, session?: Session) {
    this.#session = session;
    this.path = directory(t);
    mkdirSync(join(this.path, "state"));
    this.file = join(this.path, "state", "history.db");
  }

  open(): History {
    const history = History.open(this.file);
    history.setGenerations(RING, [
      generation(1, 0, "old"),
      generation(2, 1, "new"),
      withoutLog(generation(3, 2, "quiet")),
    ]);
    return history;
  }

  append(history: History, site: number, path: string, count = 1): void {
    const samples = Array.from({ length: count }, () => ({ seq: ++this.#seq, site, path }));
    const bytes = ringBytes(samples);
    this.#position += bytes.length;
    const place = { ringId: RING, position: this.#position, bootOffsetNs: BOOT_OFFSET_NS };
    assert.ok(history.append({ bytes, ...place }));
  }

  /** Lines as the rules have them, unless `--time` is given. */
  log(...args: string[]): Promise<CommandResult> {
    assert.ok(this.#session);
    return this.#session.run(["log", "--state-dir", this.path, "--no-time", ...args]);
  }

  async lines(...args: string[]): Promise<string[]> {
    const { status, stdout, stderr } = await this.log(...args);
    assert.deepEqual([status, stderr], [0, ""]);
    return stdout.split("\n").slice(0, -1);
  }

  follow(t: TestContext, ...args: string[]): Followed {
    const all = [main, "log", "-f", "--state-dir", this.path, "--no-time", ...args];
    const child = spawn(process.execPath, all, { stdio: ["ignore", "pipe", "pipe"] });
    t.after(() => child.kill("SIGKILL"));
    return new Followed(child);
  }
}

/** Its rules fail calls, and log nothing. */
function withoutLog(made: StoredGeneration): StoredGeneration {
  const sites = made.sites.map((site) => {
    const { span } = site.rule;
    return {
      ...site,
      rule: { ...site.rule, actions: [{ type: "FAIL", errno: 1, span }] },
    } as const;
  });
  return { ...made, sites };
}

/** Lines of a process as they come, on both outputs. */
class Followed {
  readonly child: ChildProcess;
  #text = "";
  #notices = "";
  #waiting: (() => void) | undefined;

  constructor(child: ChildProcess) {
    this.child = child;
    child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      this.#text += text;
      this.#waiting?.();
    });
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.#notices += text;
      this.#waiting?.();
    });
  }

  /** Resolves when standard error has it. */
  async notice(pattern: RegExp): Promise<void> {
    while (!pattern.test(this.#notices)) await this.#more();
  }

  async lines(count: number): Promise<string[]> {
    while (this.#text.split("\n").length <= count) await this.#more();
    return this.#text.split("\n").slice(0, -1);
  }

  #more(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting = resolve;
    });
  }
}
