/**
 * Syslog messages: RFC 5424, and the older form of RFC 3164 for receivers that know no other.
 *
 *   <29>1 2026-11-23T15:00:00.123456Z host syscalltrack 812 unlink_rule1 [meta sequenceId="17"] text
 *   <29>Nov 23 15:00:00 host syscalltrack[812]: text
 */
import { hostname } from "node:os";
import { FACILITIES, SEVERITIES, type SyslogConfig } from "../config/outputs.ts";

/** What a message is about. */
export interface Content {
  /** RFC 3339 with any number of digits. */
  readonly ts: string;
  readonly rule: string;
  readonly text: string;
  /** Of the rule, in place of the configured severity. */
  readonly severity?: number | undefined;
}

const APP_NAME = "syscalltrack";
const MAX_HOST = 255;
const MAX_MSGID = 32;
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const CUT_MARK = Buffer.from("...");
/** sequenceId goes from 1 to this and begins again (RFC 5424, 7.3.1). */
const LAST_SEQUENCE = 0x7fff_ffff;

export class MessageFormatter {
  readonly #facility: number;
  readonly #severity: number;
  readonly #protocol: SyslogConfig["protocol"];
  readonly #maxBytes: number;
  /** To this machine's own socket the old form has no host name. */
  readonly #isLocal: boolean;
  readonly #host = token(hostname(), MAX_HOST);
  #sequence = 0;

  constructor(config: SyslogConfig) {
    const { facility, severity, protocol, maxMessage, transport } = config;
    this.#facility = FACILITIES.indexOf(facility);
    this.#severity = SEVERITIES.indexOf(severity);
    this.#protocol = protocol;
    this.#maxBytes = maxMessage;
    this.#isLocal = transport === "unix";
  }

  /** The whole message, cut to the configured size. The text is one line already. */
  format({ ts, rule, text, severity = this.#severity }: Content): Buffer {
    const header = this.#protocol === "rfc5424" ? this.#header5424(ts, rule) : this.#header3164(ts);
    const priority = `<${this.#facility * 8 + severity}>`;
    return cut(Buffer.from(priority + header + text), this.#maxBytes);
  }

  #header5424(ts: string, rule: string): string {
    this.#sequence = this.#sequence === LAST_SEQUENCE ? 1 : this.#sequence + 1;
    // no more than six digits of a second
    const time = ts.replace(/(\.\d{6})\d+/, "$1");
    const id = token(rule, MAX_MSGID);
    const meta = `[meta sequenceId="${this.#sequence}"]`;
    return `1 ${time} ${this.#host} ${APP_NAME} ${process.pid} ${id} ${meta} `;
  }

  #header3164(ts: string): string {
    const date = new Date(ts);
    const two = (value: number) => String(value).padStart(2, "0");
    const day = String(date.getDate()).padStart(2, " ");
    const clock = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
    const host = this.#isLocal ? "" : `${this.#host} `;
    const time = `${MONTHS[date.getMonth()]} ${day} ${clock}`;
    return `${time} ${host}${APP_NAME}[${process.pid}]: `;
  }
}

/** A header field: printable ASCII without spaces, `-` for none. */
function token(text: string, max: number): string {
  return text.replace(/[^\x21-\x7e]/g, "_").slice(0, max) || "-";
}

/** Receivers cut longer messages where they like, or make two of them. */
function cut(message: Buffer, max: number): Buffer {
  if (message.length <= max) return message;
  let end = max - CUT_MARK.length;
  // not within a character
  while (end > 0 && ((message[end] ?? 0) & 0xc0) === 0x80) end--;
  return Buffer.concat([message.subarray(0, end), CUT_MARK]);
}
