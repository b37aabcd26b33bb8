/**
 * Decides about a target, looks it up once, and connects to an address that was decided about: what a name leads to a moment later
 * does not count.
 */
import { lookup } from "node:dns/promises";
import { connect, type Socket } from "node:net";
import { setTimeout as after } from "node:timers/promises";
import { timestampText } from "../base/timestamp.ts";
import { type ClientProcess, ClientProcesses } from "./client-process.ts";
import type { NamedConnection, ProxyData, ProxyWay } from "./contract.ts";
import { Judgement, lackingEntries, type Objection } from "./decide.ts";
import { namedTarget, type ProxyTarget } from "./target.ts";

/** Of those that a name leads to. */
const MOST_ATTEMPTS = 4;

export type Dialled =
  | { readonly ok: true; readonly socket: Socket }
  | { readonly ok: false; readonly why: "denied" | "unreachable"; readonly reason: string };

interface Asked {
  readonly target: ProxyTarget;
  readonly way: ProxyWay;
  readonly client: ClientProcess | undefined;
  readonly judgement: Judgement;
}

export class Dialler {
  readonly #data: ProxyData;
  readonly #known: ReadonlyMap<string, readonly string[]>;
  readonly #report: (connection: NamedConnection) => void;
  readonly #clients = new ClientProcesses();
  /** Connections that are made or being made: a client may send many requests on one of its own. */
  #open = 0;

  constructor(data: ProxyData, report: (connection: NamedConnection) => void) {
    this.#data = data;
    this.#known = new Map(Object.entries(data.known));
    this.#report = report;
  }

  /** A request whose target cannot be read. */
  malformed(text: string, way: ProxyWay, from: Socket): void {
    const reason = "no name of a host and port";
    const host = JSON.stringify(text.slice(0, 256)).slice(1, -1);
    const said = { way, verdict: "denied", host, port: 0, reason } as const;
    this.#report({ ts: timestampText(), ...said, ...this.#clients.of(from) });
  }

  /** Reports what was decided. The socket is connected, without listeners. `from`: the one that asks, which still waits. */
  async dial(target: ProxyTarget, way: ProxyWay, from: Socket): Promise<Dialled> {
    const judgement = new Judgement(this.#data.lists, target);
    const asked: Asked = { target, way, client: this.#clients.of(from), judgement };
    const [objection] = judgement.objections();
    if (objection?.list.denies === true) return this.#deny(asked, objection);
    if (this.#open >= this.#data.limits.connections)
      return this.#unreachable(asked, objection, "too many connections");
    // it counts from here: a lookup takes a place, too
    this.#open++;
    const dialled = await this.#reach(asked, objection);
    if (dialled.ok) dialled.socket.once("close", () => this.#open--);
    else this.#open--;
    return dialled;
  }

  async #reach(asked: Asked, objection: Objection | undefined): Promise<Dialled> {
    const { target, judgement } = asked;
    const found = await this.#addressesOf(target);
    if (typeof found === "string") return this.#unreachable(asked, objection, found);
    const judged = found.map((address) => ({
      address,
      objection: judgement.objectionsTo(address)[0],
    }));
    const open = judged.filter((one) => one.objection?.list.denies !== true);
    const [first] = judged;
    if (open.length === 0 && first?.objection !== undefined)
      return this.#deny(asked, first.objection, first.address);
    let failure = "no address";
    for (const one of open.slice(0, MOST_ATTEMPTS)) {
      const socket = await this.#connect(one.address, target.port);
      if (typeof socket === "string") failure = socket;
      else {
        this.#made(asked, objection ?? one.objection, one.address);
        return { ok: true, socket };
      }
    }
    return this.#unreachable(asked, objection ?? open[0]?.objection, failure, open[0]?.address);
  }

  /** A text says why there are none. */
  async #addressesOf(target: ProxyTarget): Promise<readonly string[] | string> {
    if (target.kind === "address") return [target.host];
    const known = this.#known.get(target.host);
    if (known !== undefined) return canonical(known);
    const timer = new AbortController();
    try {
      const found = await Promise.race([
        lookup(target.host, { all: true }),
        after(this.#data.limits.connectMs, undefined, { signal: timer.signal, ref: false }),
      ]);
      return found === undefined
        ? "the lookup takes too long"
        : canonical(found.map(({ address }) => address));
    } catch (error) {
      return codeOf(error);
    } finally {
      timer.abort();
    }
  }

  /** A text says why not. */
  #connect(host: string, port: number): Promise<Socket | string> {
    const { promise, resolve } = Promise.withResolvers<Socket | string>();
    const socket = connect({ host, port, allowHalfOpen: true, keepAlive: true, noDelay: true });
    const giveUp = setTimeout(
      () => socket.destroy(new Error("ETIMEDOUT")),
      this.#data.limits.connectMs,
    );
    socket.once("error", (error) => {
      clearTimeout(giveUp);
      resolve(codeOf(error));
    });
    socket.once("connect", () => {
      clearTimeout(giveUp);
      socket.removeAllListeners("error");
      resolve(socket);
    });
    return promise;
  }

  #deny(asked: Asked, objection: Objection, address?: string): Dialled {
    const { list, reason } = objection;
    const text = `${reason} of ${list.policy}, ${list.at}`;
    this.#say(asked, { verdict: "denied", ...objection, address });
    return { ok: false, why: "denied", reason: text };
  }

  #made(asked: Asked, objection: Objection | undefined, address: string | undefined): void {
    if (objection === undefined) this.#say(asked, { verdict: "allowed", address });
    else this.#say(asked, { verdict: "would deny", ...objection, address });
  }

  #unreachable(
    asked: Asked,
    objection: Objection | undefined,
    failure: string,
    address?: string,
  ): Dialled {
    if (objection === undefined)
      this.#say(asked, { verdict: "allowed", address, reason: `not reached: ${failure}` });
    else this.#made(asked, objection, address);
    return { ok: false, why: "unreachable", reason: failure };
  }

  #say({ target, way, client, judgement }: Asked, said: Said): void {
    // of a list that allows the name, and not where it leads
    const entry = judgement.entry(said.list);
    const list = said.list ?? entry?.list;
    const add = lackingEntries(said, target, said.address);
    this.#report({
      ts: timestampText(),
      way,
      verdict: said.verdict,
      host: target.host,
      port: target.port,
      ...(said.address === undefined ? {} : { address: said.address }),
      ...(said.reason === undefined ? {} : { reason: said.reason }),
      ...(list === undefined ? {} : { policy: list.policy, at: list.at }),
      ...(entry === undefined ? {} : { entry: entry.text }),
      ...(add.length === 0 ? {} : { add }),
      ...client,
    });
  }
}

interface Said extends Pick<Objection, "lacks"> {
  readonly verdict: NamedConnection["verdict"];
  readonly address: string | undefined;
  readonly reason?: string;
  readonly list?: Objection["list"];
}

/** One form each; what is none, or has a zone, is left out. */
function canonical(addresses: readonly string[]): readonly string[] {
  return addresses.flatMap((text) => {
    const target = namedTarget(text, 1);
    return target?.kind === "address" ? [target.host] : [];
  });
}

function codeOf(error: unknown): string {
  const { code } = error as NodeJS.ErrnoException;
  return code ?? (error as Error).message;
}
