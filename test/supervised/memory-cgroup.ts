/** A group of processes with a limit to their memory, of either version of control groups. */
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { needsKernel } from "../kernel/needs.ts";

const LIMIT = 256 << 20;
const POLL_MS = 20;
const TIME_LIMIT_MS = 10_000;

interface Hierarchy {
  readonly root: string;
  /** Our own group in it. */
  readonly own: string;
  readonly limits: readonly string[];
  /** The file that counts kills. */
  readonly events: string;
}

export class MemoryCgroup {
  readonly #own: string;
  readonly #path: string;
  /** Has a line `oom_kill N`. */
  readonly events: string;

  private constructor({ root, own, limits, events }: Hierarchy) {
    this.#own = own;
    this.#path = join(root, `sct-test-${process.pid}`);
    this.events = join(this.#path, events);
    mkdirSync(this.#path);
    for (const name of limits) {
      const file = join(this.#path, name);
      // those of swap are there only where it is counted
      if (existsSync(file)) writeFileSync(file, name.includes("swap") ? "0" : String(LIMIT));
    }
  }

  /** A new group that is removed after the test; undefined after skipping the test. */
  static create(t: TestContext): MemoryCgroup | undefined {
    if (!needsKernel(t)) return undefined;
    const hierarchy = findHierarchy();
    if (hierarchy === undefined) {
      if (process.env["SCT_REQUIRE_KERNEL"] === "1") throw new Error("no memory controller here");
      t.skip("no memory controller that groups can be made in");
      return undefined;
    }
    const group = new MemoryCgroup(hierarchy);
    t.after(() => group.#remove());
    return group;
  }

  /** What `body` starts is in the group. */
  around<T>(body: () => T): T {
    writeFileSync(join(this.#path, "cgroup.procs"), String(process.pid));
    try {
      return body();
    } finally {
      writeFileSync(this.#own, String(process.pid));
    }
  }

  pids(): number[] {
    const text = readFileSync(join(this.#path, "cgroup.procs"), "utf8");
    return text.split("\n").filter(Boolean).map(Number);
  }

  /** How many processes the kernel has killed. */
  kills(): number {
    return Number(/^oom_kill (\d+)$/m.exec(readFileSync(this.events, "utf8"))?.[1]);
  }

  /** Resolves when the last process is gone, or to those that stay. */
  async emptied(): Promise<number[]> {
    const end = performance.now() + TIME_LIMIT_MS;
    while (this.pids().length > 0 && performance.now() < end) await sleep(POLL_MS);
    return this.pids();
  }

  async #remove(): Promise<void> {
    for (const pid of this.pids()) process.kill(pid, "SIGKILL");
    await this.emptied();
    rmdirSync(this.#path);
  }
}

function findHierarchy(): Hierarchy | undefined {
  const mounts = readFileSync("/proc/self/mounts", "utf8").split("\n");
  const groups = readFileSync("/proc/self/cgroup", "utf8");
  const mountOf = (type: string, option: RegExp) =>
    mounts
      .map((line) => line.split(" "))
      .find(([, , kind, options = ""]) => {
        return kind === type && option.test(options);
      })?.[1];
  const old = mountOf("cgroup", /(^|,)memory(,|$)/);
  if (old !== undefined) {
    const own = join(old, /^\d+:(?:.*,)?memory(?:,.*)?:(.*)$/m.exec(groups)?.[1] ?? "/");
    return {
      root: old,
      own: join(own, "cgroup.procs"),
      limits: ["memory.limit_in_bytes", "memory.swappiness"],
      events: "memory.oom_control",
    };
  }
  const root = mountOf("cgroup2", /./);
  if (root === undefined || !/\bmemory\b/.test(read(join(root, "cgroup.controllers"))))
    return undefined;
  // where systemd runs, it is on already
  writeFileSync(join(root, "cgroup.subtree_control"), "+memory");
  const own = join(root, /^0::(.*)$/m.exec(groups)?.[1] ?? "/");
  return {
    root,
    own: join(own, "cgroup.procs"),
    limits: ["memory.max", "memory.swap.max"],
    events: "memory.events",
  };
}

function read(path: string): string {
  return existsSync(path) ? readFileSync(path, "utf8") : "";
}
