/** What stands between the proxy's thread and the run that it works for. Plain data: it is cloned. */
import type { AllowedHost } from "../language/checked/index.ts";

/** An entry for addresses, as node:net takes it. */
export interface AddressEntry {
  readonly negated: boolean;
  /** `10.0.0.0/8`, or one address; absent: any. */
  readonly network?: string;
  readonly port?: number;
}

/** A host of a policy, and where it stands. */
export interface HostEntry extends AllowedHost {
  /** As it is written. */
  readonly text: string;
}

/** The list `connect` of one policy. */
export interface ConnectList {
  readonly policy: string;
  /** `file:line` of the list. */
  readonly at: string;
  /** What it does not allow fails; else it is reported and made. */
  readonly denies: boolean;
  readonly hosts: readonly HostEntry[];
  readonly addresses: readonly AddressEntry[];
}

/** Addresses of names that are not looked up; names in lower case. */
export type KnownHosts = Readonly<Record<string, readonly string[]>>;

export interface ProxyData {
  readonly lists: readonly ConnectList[];
  readonly password: string;
  readonly known: KnownHosts;
  readonly limits: ProxyLimits;
}

export interface ProxyLimits {
  /** Connections at one time; more are closed at once. */
  readonly connections: number;
  /** Until a request is there, ms. */
  readonly requestMs: number;
  /** For looking a name up, and for each attempt to connect, ms. */
  readonly connectMs: number;
  /** Of a request's head, bytes. */
  readonly headBytes: number;
}

export const LIMITS: ProxyLimits = {
  connections: 4096,
  requestMs: 15_000,
  connectMs: 15_000,
  headBytes: 16_384,
};

export type ProxyWay = "CONNECT" | "HTTP" | "SOCKS5";

/** A connection that the command has asked for, as it was decided. */
export interface NamedConnection {
  readonly ts: string;
  readonly way: ProxyWay;
  readonly verdict: "allowed" | "denied" | "would deny";
  /** The name or address that the command has asked for; escaped where it is none. */
  readonly host: string;
  /** 0: the request had none that could be read. */
  readonly port: number;
  /** Where it leads; absent: it was not looked up. */
  readonly address?: string;
  /** Why it is denied. */
  readonly reason?: string;
  /** The list that decides; absent: no policy would make such a connection. */
  readonly policy?: string;
  /** `file:line` of that list. */
  readonly at?: string;
  /** The entry that fits. */
  readonly entry?: string;
  /** Entries of the list that would allow it, without their quotes; absent: none would. */
  readonly add?: readonly string[];
  /** The process that asked; absent: it is not known. */
  readonly pid?: number;
  /** Name of its first thread. */
  readonly comm?: string;
  /** The program that it runs. */
  readonly exe?: string;
}

export type ProxyMessage =
  | { readonly kind: "listening"; readonly port: number }
  | { readonly kind: "connection"; readonly connection: NamedConnection }
  /** Connections closed because there were too many. */
  | { readonly kind: "refused"; readonly count: number }
  /** The last one, once it was asked to end. */
  | { readonly kind: "ended" };
