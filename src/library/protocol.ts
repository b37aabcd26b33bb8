/**
 * What the library and the processes that work for it say to each other. One request on descriptor 4, its length
 * first and then as v8.serialize writes it; lines on descriptor 3: events as `--json` prints them, and replies.
 */
import { deserialize, serialize } from "node:v8";
import type { EngineCounters } from "../engines/engine.ts";
import type { CheckedRule } from "../language/index.ts";
import type { KnownHosts, NamedConnection } from "../proxy/contract.ts";
import type { DeniedByPolicy } from "./denied.ts";

export type { DeniedByPolicy, DeniedList } from "./denied.ts";

export const LINES_FD = 3;
export const REQUEST_FD = 4;

export interface RunRequest {
  readonly rules: readonly CheckedRule[];
  readonly argv: readonly string[];
  /** `NAME=value` each. */
  readonly environment: readonly string[];
  /** Events are wanted. */
  readonly sendsEvents: boolean;
  /** Addresses of names that are not looked up. */
  readonly hosts?: KnownHosts | undefined;
  /** Where a report of the run goes: an absolute name. */
  readonly report?: string | undefined;
}

export interface AttachRequest {
  readonly rules: readonly CheckedRule[];
  readonly pid: number;
  /** Distinguishes the marks of this recording from any other call. */
  readonly token: number;
  readonly mostEvents: number;
}

export type Reply =
  | { readonly sct: "attached" }
  | { readonly sct: "notice"; readonly text: string }
  | { readonly sct: "connection"; readonly connection: NamedConnection }
  | {
      readonly sct: "failed";
      readonly code: string;
      readonly message: string;
      readonly hint?: string;
    }
  | {
      readonly sct: "finished";
      readonly exitCode: number | null;
      readonly signal: number | null;
      readonly counters: EngineCounters;
      /** Of a command. */
      readonly policies?: readonly DeniedByPolicy[];
    };

export function writeRequest(request: RunRequest | AttachRequest): Buffer {
  const body = serialize(request);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(body.length);
  return Buffer.concat([length, body]);
}

/** Collects a request from its pieces; what follows it are the numbers of signals, a byte each. */
export class RequestReader<T extends RunRequest | AttachRequest> {
  #bytes = Buffer.alloc(0);

  /** The request, once it is complete, with the bytes that follow it. */
  add(piece: Uint8Array): { readonly request: T; readonly rest: Uint8Array } | undefined {
    this.#bytes = Buffer.concat([this.#bytes, piece]);
    if (this.#bytes.length < 4) return undefined;
    const end = 4 + this.#bytes.readUInt32LE();
    if (this.#bytes.length < end) return undefined;
    const request = deserialize(this.#bytes.subarray(4, end)) as T;
    return { request, rest: this.#bytes.subarray(end) };
  }
}
