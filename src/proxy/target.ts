/** Where a request wants to go. What cannot be read in one way only is refused: programs behind us might read it in another. */
import { isIP, isIPv6 } from "node:net";
import { hostName } from "../language/policy/host-name.ts";

export type ProxyTarget = { readonly port: number } & (
  | { readonly kind: "name"; readonly host: string }
  /** IPv4, or IPv6 in its short form and without a zone. */
  | { readonly kind: "address"; readonly host: string }
);

const AUTHORITY = /^(?:\[([0-9A-Fa-f:.]+)\]|([^:[\]]+))(?::([0-9]{1,5}))?$/;
/** No user, no fragment; what follows the host begins with `/` or `?`. */
const HTTP_URL = /^http:\/\/([^/?#@\\]+)((?:[/?][!-"$-~]*)?)$/i;
const HTTP_PORT = 80;

/** `host:port`, as CONNECT has it. Undefined: it is none. */
export function targetOf(authority: string, defaultPort?: number): ProxyTarget | undefined {
  const [, v6, host = "", digits] = AUTHORITY.exec(authority) ?? [];
  const port = digits === undefined ? defaultPort : Number(digits);
  if (port === undefined || port < 1 || port > 65535) return undefined;
  if (v6 !== undefined) return isIPv6(v6) ? addressTarget(v6, port) : undefined;
  return namedTarget(host, port);
}

/** A name, or an address without brackets, as SOCKS has it. */
export function namedTarget(host: string, port: number): ProxyTarget | undefined {
  if (isIP(host) !== 0) return host.includes("%") ? undefined : addressTarget(host, port);
  const name = hostName(host);
  return name === undefined ? undefined : { kind: "name", host: name, port };
}

/** An address of IPv4 that is written as one of IPv6 is what it means. */
function addressTarget(text: string, port: number): ProxyTarget {
  const host = isIPv6(text) ? new URL(`http://[${text}]`).hostname.slice(1, -1) : text;
  const [, high = "", low = ""] = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(host) ?? [];
  if (high === "") return { kind: "address", host, port };
  const value = [high, low].map((part) => Number.parseInt(part, 16));
  const bytes = value.flatMap((part) => [part >> 8, part & 255]);
  return { kind: "address", host: bytes.join("."), port };
}

export interface HttpTarget {
  readonly target: ProxyTarget;
  /** What the request is about there: begins with `/`. */
  readonly path: string;
}

/** `http://host:port/path`, as requests to a proxy name it. */
export function httpTargetOf(url: string): HttpTarget | undefined {
  const [, authority = "", rest = ""] = HTTP_URL.exec(url) ?? [];
  const target = targetOf(authority, HTTP_PORT);
  if (target === undefined) return undefined;
  return { target, path: rest.startsWith("/") ? rest : `/${rest}` };
}

/** For `Host:` and for lines. */
export function authorityOf({ host, port }: ProxyTarget, defaultPort?: number): string {
  const name = isIPv6(host) ? `[${host}]` : host;
  return port === defaultPort ? name : `${name}:${port}`;
}
