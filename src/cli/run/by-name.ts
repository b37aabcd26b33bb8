/** Connections by name: the proxy of a run, its lines, and what is said of them at the end. */
import { escapeControls, toJson } from "../../base/escape.ts";
import type { CheckedRule } from "../../language/index.ts";
import type { KnownHosts, NamedConnection, RunProxy } from "../../proxy/index.ts";
import { plural } from "../plural.ts";

/** Of the names at the end of a run. */
const MOST_NAMES = 10;
/** Different ones that are kept: a command may ask for as many as it likes. */
const MOST_KEPT = 10_000;

interface ByNameOptions {
  readonly rules: readonly CheckedRule[];
  readonly environment: readonly Buffer[];
  readonly known?: KnownHosts | undefined;
  /** Also where no policy has a name: what is connected to by name is to be seen. */
  readonly isWanted?: boolean;
  readonly onConnection: (connection: NamedConnection) => void;
  readonly report: (line: string) => void;
}

/** Without a name in the policies there is nothing to decide: no proxy, and the environment as it is. */
export class ByName {
  readonly environment: readonly Buffer[];
  readonly #proxy: RunProxy | undefined;
  readonly #counts: NameCounts;

  private constructor(environment: readonly Buffer[], counts: NameCounts, proxy?: RunProxy) {
    this.#proxy = proxy;
    this.environment = environment;
    this.#counts = counts;
  }

  /** Rejects with a MachineError. */
  static async open(options: ByNameOptions): Promise<ByName> {
    const { environment, report, rules, isWanted = false } = options;
    const counts = new NameCounts();
    const isNeeded = rules.some(({ policy }) => policy !== undefined && policy.hosts.length > 0);
    if (!isNeeded && !isWanted) return new ByName(environment, counts);
    // most runs need none of it
    const { namesProxy, openProxy, withProxy } = await import("../../proxy/index.ts");
    const proxy = await openProxy({
      ...options,
      onConnection(connection) {
        counts.add(connection);
        options.onConnection(connection);
      },
    });
    if (namesProxy(environment))
      report("names are connected to directly: the proxy of the environment is not used");
    return new ByName(withProxy(environment, proxy.url), counts, proxy);
  }

  get port(): number | undefined {
    return this.#proxy?.port;
  }

  /** All connections have been reported when it resolves. */
  async close(): Promise<void> {
    await this.#proxy?.close();
  }

  /** For the end of the run. `rules`: those whose denials nothing else says. */
  lines(rules: readonly CheckedRule[]): readonly string[] {
    const lists = rules.flatMap(({ policy }) => (policy?.right === "connect" ? policy.policy : []));
    return this.#counts.lines(new Set(lists));
  }
}

/** What is said at the end. */
export class NameCounts {
  readonly #counts = new Map<string, CountsOf>();

  add({ verdict, policy, at, host, port }: NamedConnection): void {
    if (verdict === "would deny" || port === 0) return;
    const key = `${verdict} ${policy ?? ""}`;
    const known = this.#counts.get(key) ?? { verdict, policy, at, names: new Map(), left: 0 };
    this.#counts.set(key, known);
    const name = `${host}:${port}`;
    const count = known.names.get(name);
    if (count === undefined && known.names.size >= MOST_KEPT) known.left++;
    else known.names.set(name, (count ?? 0) + 1);
  }

  /** `policies`: of what they have denied. */
  lines(policies: ReadonlySet<string>): readonly string[] {
    return [...this.#counts.values()]
      .filter(
        ({ verdict, policy }) =>
          verdict === "allowed" || policy === undefined || policies.has(policy),
      )
      .map(countsLine);
  }
}

/** Of the connections that one list has allowed, or denied; of none: those that no policy is about. */
interface CountsOf {
  readonly verdict: "allowed" | "denied";
  readonly policy: string | undefined;
  readonly at: string | undefined;
  readonly names: Map<string, number>;
  left: number;
}

function countsLine({ verdict, policy, at, names, left }: CountsOf): string {
  const all = [...names].sort(([, a], [, b]) => b - a);
  const total = all.reduce((sum, [, count]) => sum + count, left);
  const shown = all.slice(0, MOST_NAMES).map(([name, count]) => `${count} ${name}`);
  if (all.length > MOST_NAMES) shown.push(plural(all.length - MOST_NAMES, "more name"));
  if (left > 0) shown.push(`${left} to names that were not kept`);
  const of = policy === undefined ? "sct" : `${policy}.connect`;
  const done = verdict === "allowed" ? "made by name" : "denied";
  const where = verdict === "denied" && at !== undefined ? `; connect is at ${at}` : "";
  return escapeControls(
    `${of}: ${plural(total, "connection")} ${done}: ${shown.join(", ")}${where}`,
  );
}

/** One line; undefined: people get none, it is as they have said. */
export function connectionLine(connection: NamedConnection, isJson: boolean): string | undefined {
  if (isJson) {
    const { ts, ...rest } = connection;
    return toJson({ v: 1, ts, connection: rest });
  }
  const { verdict, way, host, port, reason, policy, at, comm, pid } = connection;
  if (verdict === "allowed") return undefined;
  const to = port === 0 ? `"${host}"` : `${host}:${port}`;
  const list = policy === undefined ? "" : ` of ${policy}, ${at}`;
  const by = pid === undefined ? "" : `${comm}[${pid}]: `;
  return escapeControls(`${by}${way} to ${to}: ${verdict}: ${reason}${list}`);
}
