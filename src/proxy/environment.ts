/** How programs learn of the proxy: variables that curl, git, npm, pip, Node.js, wget and most others read. */
import { PROXY_USER } from "./credential.ts";

const PROXY_VARIABLES = [
  "http_proxy",
  "https_proxy",
  "all_proxy",
  "HTTP_PROXY",
  "HTTPS_PROXY",
  "ALL_PROXY",
  "npm_config_proxy",
  "npm_config_https_proxy",
] as const;
const DIRECT_VARIABLES = ["no_proxy", "NO_PROXY", "npm_config_noproxy"] as const;
/** Addresses of the machine itself are decided as connections without a proxy. */
const DIRECT = "localhost,127.0.0.1,::1";

/** Of the proxy on this port. */
export function proxyUrl(port: number, password: string): string {
  return `http://${PROXY_USER}:${password}@127.0.0.1:${port}`;
}

/** `environment` has an entry `NAME=value` each. */
export function withProxy(environment: readonly Buffer[], url: string): Buffer[] {
  const added = new Map<string, string>([
    ...PROXY_VARIABLES.map((name) => [name, url] as const),
    ...DIRECT_VARIABLES.map((name) => [name, DIRECT] as const),
    // since Node.js 22.21 and 24.5
    ["NODE_USE_ENV_PROXY", "1"],
  ]);
  const nameOf = (entry: Buffer): string => entry.toString("latin1").split("=", 1)[0] ?? "";
  return [
    ...environment.filter((entry) => !added.has(nameOf(entry))),
    ...[...added].map(([name, value]) => Buffer.from(`${name}=${value}`)),
  ];
}

/** Whether somebody outside has set a proxy, which ours does not use. */
export function namesProxy(environment: readonly Buffer[]): boolean {
  return environment.some((entry) => /^(?:https?|all)_proxy=./i.test(entry.toString("latin1")));
}
