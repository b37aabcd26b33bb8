/** The proxy of one run: a thread that decides about names as policies say, on a port of 127.0.0.1. */
import { sourcePlace } from "../base/position.ts";
import type { CheckedRule } from "../language/checked/index.ts";
import { hostText } from "../language/policy/host-name.ts";
import { explainThreadEnd, MachineError, startThread } from "../sys/index.ts";
import {
  type ConnectList,
  type KnownHosts,
  LIMITS,
  type NamedConnection,
  type ProxyData,
  type ProxyMessage,
} from "./contract.ts";
import { newPassword } from "./credential.ts";
import { proxyUrl } from "./environment.ts";

const HEAP_MB = 256;

/** This machine has no thread or port for the proxy. */
class ProxyError extends MachineError {
  readonly code = "proxy";
}

export interface ProxyOptions {
  readonly rules: readonly CheckedRule[];
  readonly known?: KnownHosts | undefined;
  readonly onConnection: (connection: NamedConnection) => void;
  /** One line. */
  readonly report: (line: string) => void;
}

export interface RunProxy {
  readonly port: number;
  readonly url: string;
  /** Nothing is reported once it has resolved. */
  close(): Promise<void>;
}

/** The list `connect` of each policy that has one. */
function connectLists(rules: readonly CheckedRule[]): readonly ConnectList[] {
  const lists = new Map<string, ConnectList>();
  for (const { policy, actions } of rules) {
    if (policy?.right !== "connect") continue;
    lists.set(policy.policy, {
      policy: policy.policy,
      at: sourcePlace(policy.list),
      denies: actions.some(({ type }) => type === "FAIL"),
      hosts: policy.hosts.map((host) => ({ ...host, text: hostText(host) })),
      addresses: policy.addresses.map(({ negated, network, port }) => ({
        negated,
        ...(network === undefined ? {} : { network }),
        ...(port === undefined ? {} : { port }),
      })),
    });
  }
  return [...lists.values()];
}

/** Rejects with a MachineError. */
export async function openProxy(options: ProxyOptions): Promise<RunProxy> {
  const lists = connectLists(options.rules);
  const password = newPassword();
  const data: ProxyData = { lists, password, known: options.known ?? {}, limits: LIMITS };
  const thread = startThread({
    name: "proxy",
    beside: import.meta.url,
    bundle: "proxy-thread.cjs",
    data,
    heapMb: HEAP_MB,
  });
  const listening = Promise.withResolvers<number>();
  const ended = Promise.withResolvers<void>();
  thread.on("message", (message: ProxyMessage) => {
    if (message.kind === "listening") listening.resolve(message.port);
    else if (message.kind === "connection") options.onConnection(message.connection);
    else if (message.kind === "ended") ended.resolve();
    else options.report(`the proxy has too many connections: ${message.count} closed`);
  });
  const failed = (error: Error | undefined): void => {
    const task = { task: "decide about names", work: "the connections", heapMb: HEAP_MB };
    const said = explainThreadEnd(error, task);
    listening.reject(said === undefined ? error : new ProxyError(...said));
    ended.resolve();
    options.report(`the proxy has ended, no name can be reached: ${error?.message ?? ""}`);
  };
  thread.once("error", failed);
  const port = await listening.promise;
  // the command decides how long a run takes
  thread.unref();
  return {
    port,
    url: proxyUrl(port, password),
    async close() {
      thread.ref();
      thread.postMessage("end");
      await ended.promise;
      await thread.terminate();
    },
  };
}
