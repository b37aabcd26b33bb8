/** Names of hosts: what one is, and which of them an entry of a policy means. */
import type { AllowedHost } from "../checked/policy.ts";

/** Longest name of the DNS as text, and longest part of it. */
const MAX_NAME = 253;
const LABEL = /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/;
/** Where the last part is a number, programs read an address: `127.1`, `0x7f000001`, `2130706433`. */
const NUMBER = /^(?:\d+|0x[0-9a-f]*)$/;

/**
 * The name in lower case and without the dot at its end; undefined: it is none. Other letters than those of ASCII come as
 * `xn--…` from programs that know them.
 */
export function hostName(text: string): string | undefined {
  const name = (text.endsWith(".") ? text.slice(0, -1) : text).toLowerCase();
  if (name.length > MAX_NAME) return undefined;
  const labels = name.split(".");
  if (!labels.every((label) => LABEL.test(label))) return undefined;
  return NUMBER.test(labels.at(-1) ?? "") ? undefined : name;
}

/** `name` as hostName() gives it. */
export function hostFits(host: AllowedHost, name: string, port: number): boolean {
  if (host.port !== undefined && host.port !== port) return false;
  // a part is never empty: at least one stands before the dot
  return host.below ? name.endsWith(`.${host.name}`) : name === host.name;
}

/** The entry that decides about the name: the last one that fits. */
export function decidingHost<H extends AllowedHost>(
  hosts: readonly H[],
  name: string,
  port: number,
): H | undefined {
  return hosts.findLast((host) => hostFits(host, name, port));
}

/** As it can be written in a policy. */
export function hostText({ name, below, port }: AllowedHost): string {
  return `${below ? "*." : ""}${name}${port === undefined ? "" : `:${port}`}`;
}
