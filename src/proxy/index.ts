export type { KnownHosts, NamedConnection } from "./contract.ts";
export { namesProxy, withProxy } from "./environment.ts";
export { openProxy, type RunProxy } from "./open-proxy.ts";
