/** Runs `sct run` as a program, as this user and, when this user is root, as an ordinary one too. */
import { spawn, spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";

/** What users start: it runs what was built, or the sources where they are newer, which takes three times as long. */
/** Asks nobody, and says little. */
export const NPM =
  "npm --offline --no-audit --no-fund --no-update-notifier --loglevel=error --logs-max=0";

export const SCT = fileURLToPath(new URL("../../bin/sct", import.meta.url));
const NOBODY = 65534;
const TIME_LIMIT_MS = 60_000;

export interface User {
  readonly name: string;
  readonly uid: number;
}

const uid = process.getuid?.() ?? 0;
export const users: readonly User[] =
  uid === 0
    ? [
        { name: "root", uid: 0 },
        { name: "an ordinary user", uid: NOBODY },
      ]
    : [{ name: "this user", uid }];

export interface Result {
  readonly status: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** One user, one directory of its own, and commands in it. */
export class Place {
  readonly directory: string;
  readonly user: User;

  constructor(user: User) {
    this.user = user;
    this.directory = mkdtempSync(join(tmpdir(), "sct-supervised-"));
    chmodSync(this.directory, 0o777);
  }

  /** `sct run OPTIONS -- COMMAND`. */
  run(options: readonly string[], command: readonly string[], input?: string): Result {
    return this.plain([SCT, "run", ...options, "--", ...command], input);
  }

  /** Rule text, then the command. */
  under(rules: string, command: readonly string[], input?: string): Result {
    return this.run(["-e", rules], command, input);
  }

  /** A command without supervision. */
  plain(command: readonly string[], input?: string): Result {
    const [file = "", ...args] = command;
    const { status, signal, stdout, stderr } = spawnSync(file, args, {
      cwd: this.directory,
      encoding: "utf8",
      env: this.#environment(),
      uid: this.user.uid,
      gid: this.user.uid,
      timeout: TIME_LIMIT_MS,
      maxBuffer: 64 << 20,
      ...(input === undefined ? {} : { input }),
    });
    return { status, signal, stdout, stderr };
  }

  /** Starts it without waiting. */
  start(options: readonly string[], command: readonly string[]) {
    return spawn(SCT, ["run", ...options, "--", ...command], {
      cwd: this.directory,
      env: this.#environment(),
      uid: this.user.uid,
      gid: this.user.uid,
      stdio: ["ignore", "pipe", "pipe"],
    });
  }

  #environment(): NodeJS.ProcessEnv {
    const { NODE_TEST_CONTEXT: _, NODE_OPTIONS: __, ...all } = process.env;
    // the npm that runs the tests has its files where another user may not go
    const rest = Object.fromEntries(Object.entries(all).filter(([name]) => !/^npm_/i.test(name)));
    return { ...rest, HOME: this.directory, LC_ALL: "C" };
  }

  /** Gives what the test has written to the user. */
  own(path: string): void {
    if (process.getuid?.() === 0)
      spawnSync("chown", ["-R", `${this.user.uid}:${this.user.uid}`, path]);
  }

  /** Writes files, by their names in its directory, and gives all to the user. */
  fill(files: Readonly<Record<string, string>>): void {
    for (const [name, text] of Object.entries(files)) {
      const path = join(this.directory, name);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, text);
    }
    this.own(this.directory);
  }

  remove(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }
}

/** Lines of the log without what sct says itself. */
export function logLines(text: string): string[] {
  return text.split("\n").filter((line) => line !== "" && !line.startsWith("sct: "));
}

/** A test for each user. */
export function testAsEach(
  name: string,
  body: (place: Place, t: TestContext) => void | Promise<void>,
): void {
  for (const user of users) {
    test(`${name} (${user.name})`, async (t) => {
      const place = new Place(user);
      try {
        await body(place, t);
      } finally {
        place.remove();
      }
    });
  }
}
