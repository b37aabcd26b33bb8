/** The socket for reading: there while the configuration names a group, whose members may see and change nothing. */
import { chmodSync, chownSync, rmSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { Accounts } from "../../files/index.ts";
import { MachineError } from "../../sys/index.ts";
import { needing } from "../run-files/run-directory.ts";
import type { Handler } from "./connection.ts";
import { ControlServer } from "./control-server.ts";
import { MAX_READING_CONNECTIONS, MAX_READING_REQUEST_BYTES } from "./protocol.ts";

/** Of the directory of the socket: its group may reach what it knows by name, and list nothing. */
const REACHABLE = 0o710;
const CLOSED = 0o700;

export class ReadAccess {
  /** Why the group cannot connect; undefined: it can, or there is none. */
  problem: string | undefined;
  readonly #path: string;
  readonly #handler: Handler;
  readonly #report: (line: string) => void;
  #server: ControlServer | undefined;
  #wanted: string | undefined;
  /** One after the other. */
  #last: Promise<void> = Promise.resolve();
  #isClosed = false;

  constructor(path: string, handler: Handler, report: (line: string) => void) {
    this.#path = path;
    this.#handler = handler;
    this.#report = report;
  }

  /** Members of this group may read; undefined: nobody but root. Connections of a group that is as before stay. */
  configure(group: string | undefined): Promise<void> {
    return this.#enqueue(() => this.#configure(group));
  }

  /** Makes again what somebody has removed, and tries again what failed. Once a second. */
  mend(): Promise<void> {
    return this.#enqueue(async () => {
      const isGone = this.#server !== undefined && !this.#server.isInPlace;
      if (!isGone && this.problem === undefined) return;
      const { problem } = this;
      const wanted = this.#wanted;
      this.#drop();
      await this.#configure(wanted, problem);
    });
  }

  close(): void {
    this.#isClosed = true;
    this.#drop();
    rmSync(this.#path, { force: true });
  }

  #enqueue(act: () => Promise<void>): Promise<void> {
    const done = this.#last.then(() => (this.#isClosed ? undefined : act()));
    this.#last = done.catch(() => {});
    return done;
  }

  #drop(): void {
    this.#server?.close();
    this.#server = undefined;
    this.#wanted = undefined;
  }

  async #configure(group: string | undefined, before?: string): Promise<void> {
    if (this.#server !== undefined && group === this.#wanted) return;
    this.#drop();
    this.problem = undefined;
    this.#wanted = group;
    try {
      if (group === undefined) this.#shut();
      else await this.#open(group);
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      if (code === undefined) throw error;
      this.problem =
        group === undefined
          ? `members of a group can still reach ${dirname(this.#path)}: ${message}`
          : `members of group ${group} cannot read from the service: ${message}`;
      if (this.problem !== before) this.#report(this.problem);
    }
  }

  async #open(name: string): Promise<void> {
    const group = new Accounts().group(name);
    if (group === undefined) throw new UnknownGroupError(name);
    const directory = dirname(this.#path);
    needing(`open ${directory} to group ${name}`, () => {
      chownSync(directory, process.geteuid?.() ?? 0, Number(group));
      chmodSync(directory, REACHABLE);
    });
    const server = await ControlServer.open(this.#path, this.#handler, {
      group: Number(group),
      maxRequestBytes: MAX_READING_REQUEST_BYTES,
      maxConnections: MAX_READING_CONNECTIONS,
    });
    if (this.#isClosed) server.close();
    else this.#server = server;
  }

  /** As it is without a group; a mode that somebody else has chosen stays. */
  #shut(): void {
    rmSync(this.#path, { force: true });
    const directory = dirname(this.#path);
    const mode = statSync(directory, { throwIfNoEntry: false })?.mode ?? 0;
    if ((mode & 0o777) === REACHABLE)
      needing(`close ${directory}`, () => chmodSync(directory, CLOSED));
  }
}

class UnknownGroupError extends MachineError {
  readonly code = "no_such_group";

  constructor(name: string) {
    super(`there is no group '${name}' in /etc/group`);
  }
}
