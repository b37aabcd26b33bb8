/** Addresses of network receivers. */
import type { Section } from "./section.ts";

export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

/** `host:port` or `[address]:port`. */
export function parseEndpoint(text: string): Endpoint | undefined {
  const [, v6, name, digits] = /^(?:\[([0-9a-fA-F:.%]+)\]|([\w.-]+)):(\d{1,5})$/.exec(text) ?? [];
  const host = v6 ?? name;
  const port = Number(digits);
  return host === undefined || port > 65_535 ? undefined : { host, port };
}

export function readEndpoint(section: Section, key: string, fallback: string): Endpoint {
  const endpoint = parseEndpoint(section.string(key, fallback));
  if (endpoint !== undefined) return endpoint;
  section.invalid(key, 'an address like "127.0.0.1:514" or "[::1]:514"');
  return { host: "127.0.0.1", port: 0 };
}

/** An http(s) address; "" after it was reported. */
export function readUrl(section: Section, key: string): string {
  const text = section.required(key);
  if (text === "") return "";
  if (URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)) return text;
  section.invalid(key, 'an address like "https://host:8443/path"');
  return "";
}
