/** `[[outputs]]`: one entry per place that events go to. */
import { type Endpoint, readEndpoint, readUrl } from "./endpoint.ts";
import type { Section } from "./section.ts";

export type Format = "text" | "json";

interface Common {
  /** Names the output in counters and messages. */
  readonly name: string;
  /** Patterns of rule names, `*` for anything; empty: all rules. */
  readonly rules: readonly string[];
  /** What may wait; infinite: as much as the history holds. */
  readonly queue: { readonly bytes: number; readonly count: number };
}

export interface TerminalConfig extends Common {
  readonly type: "terminal";
  readonly format: Format;
  readonly device: string;
}

export interface FileConfig extends Common {
  readonly type: "file";
  readonly format: Format;
  readonly path: string;
  /** Size from which the file is rotated; 0: never by us. */
  readonly maxBytes: number;
  readonly keep: number;
}

export interface TlsConfig {
  readonly ca: string | undefined;
  readonly cert: string | undefined;
  readonly key: string | undefined;
  /** Name that the certificate has to have, when it is not the host of the address. */
  readonly serverName: string | undefined;
}

export interface SyslogConfig extends Common {
  readonly type: "syslog";
  readonly format: Format;
  readonly transport: "unix" | "udp" | "tcp" | "tls";
  readonly path: string;
  readonly endpoint: Endpoint;
  readonly protocol: "rfc5424" | "rfc3164";
  readonly facility: (typeof FACILITIES)[number];
  readonly severity: (typeof SEVERITIES)[number];
  readonly maxMessage: number;
  readonly tls: TlsConfig;
}

export interface JournaldConfig extends Common {
  readonly type: "journald";
  readonly path: string;
  readonly severity: (typeof SEVERITIES)[number];
}

export interface HttpConfig {
  readonly url: string;
  readonly headers: ReadonlyMap<string, string>;
  readonly timeoutMs: number;
  readonly batch: number;
  /** How long one batch is tried before it is given up and counted as lost. */
  readonly giveUpAfterMs: number;
  /** Of the authority that signed the server's certificate. */
  readonly ca: string | undefined;
}

export interface WebhookConfig extends Common, HttpConfig {
  readonly type: "webhook";
}

export interface OtlpConfig extends Common, HttpConfig {
  readonly type: "otlp";
}

export type OutputConfig =
  | TerminalConfig
  | FileConfig
  | SyslogConfig
  | JournaldConfig
  | WebhookConfig
  | OtlpConfig;

const TYPES = ["terminal", "file", "syslog", "journald", "webhook", "otlp"] as const;
/** Order is that of RFC 5424: the place in the list is the code. */
export const FACILITIES = [
  ...(["kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news", "uucp", "cron"] as const),
  ...(["authpriv", "ftp", "ntp", "audit", "alert", "clock", "local0", "local1"] as const),
  ...(["local2", "local3", "local4", "local5", "local6", "local7"] as const),
] as const;
export const SEVERITIES = [
  ...(["emerg", "alert", "crit", "err", "warning", "notice", "info", "debug"] as const),
] as const;
const FORMATS = ["text", "json"] as const;
const MIB = 1024 ** 2;
const HOUR_MS = 3_600_000;

/** A token of RFC 9110. */
const HEADER_NAME = { pattern: /^[-!#$%&'*+.^_`|~0-9A-Za-z]+$/, expected: "the name of a header" };
/** What Node sends; others than ASCII go out as Latin-1. */
const HEADER_VALUE = {
  pattern: /^[\t\x20-\x7e\x80-\xff]*$/,
  expected: "a text without line ends and other controls, of characters up to U+00FF",
};

/** One output, or undefined when not even its type is known. */
export function readOutput(section: Section): OutputConfig | undefined {
  if (!section.has("type")) {
    section.required("type");
    return undefined;
  }
  const type = section.choice("type", TYPES, "terminal");
  const common: Common = {
    name: section.string("name", type),
    rules: section.strings("rules"),
    queue: {
      bytes: section.size("queue_size", Number.POSITIVE_INFINITY, { min: 65_536, max: 1024 * MIB }),
      count: section.integer("queue_events", Number.POSITIVE_INFINITY, { min: 1, max: 10_000_000 }),
    },
  };
  const output = readers[type](section, common);
  section.finish();
  return output;
}

const readers: Readonly<
  Record<(typeof TYPES)[number], (section: Section, common: Common) => OutputConfig>
> = {
  terminal: (section, common) => ({
    ...common,
    type: "terminal",
    format: section.choice("format", FORMATS, "text"),
    device: section.path("device") ?? "/dev/stdout",
  }),
  file: (section, common) => {
    section.required("path");
    return {
      ...common,
      type: "file",
      format: section.choice("format", FORMATS, "text"),
      path: section.path("path") ?? "",
      maxBytes: section.size("max_size", 64 * MIB),
      keep: section.integer("keep", 5, { max: 1000 }),
    };
  },
  syslog: readSyslog,
  journald: (section, common) => ({
    ...common,
    type: "journald",
    path: section.path("path") ?? "/run/systemd/journal/socket",
    severity: section.choice("severity", SEVERITIES, "notice"),
  }),
  webhook: (section, common) => ({ ...common, type: "webhook", ...readHttp(section) }),
  otlp: (section, common) => {
    const http = readHttp(section);
    return { ...common, type: "otlp", ...http, url: logsOf(http.url) };
  },
};

/** A collector is often named by its address alone. */
function logsOf(url: string): string {
  if (url === "" || new URL(url).pathname !== "/") return url;
  const logs = new URL(url);
  logs.pathname = "/v1/logs";
  return logs.href;
}

function readSyslog(section: Section, common: Common): SyslogConfig {
  const transport = section.choice("transport", ["unix", "udp", "tcp", "tls"], "unix");
  const isLocal = transport === "unix";
  if (!isLocal) section.required("address");
  const isTls = transport === "tls";
  return {
    ...common,
    type: "syslog",
    transport,
    format: section.choice("format", FORMATS, "text"),
    path: (isLocal ? section.path("path") : undefined) ?? "/dev/log",
    endpoint: isLocal ? { host: "", port: 0 } : readEndpoint(section, "address", "127.0.0.1:0"),
    protocol: section.choice("protocol", ["rfc5424", "rfc3164"], "rfc5424"),
    facility: section.choice("facility", FACILITIES, "daemon"),
    severity: section.choice("severity", SEVERITIES, "notice"),
    maxMessage: section.size("max_message", 8192, { min: 480, max: 65_000 }),
    tls: {
      ca: isTls ? section.path("ca") : undefined,
      cert: isTls ? section.path("cert") : undefined,
      key: isTls ? section.path("key") : undefined,
      serverName: isTls ? section.string("server_name") : undefined,
    },
  };
}

function readHttp(section: Section): HttpConfig {
  return {
    url: readUrl(section, "url"),
    headers: section.texts("headers", HEADER_NAME, HEADER_VALUE),
    timeoutMs: section.durationMs("timeout", 10_000, { min: 100, max: HOUR_MS }),
    batch: section.integer("batch", 500, { min: 1, max: 10_000 }),
    giveUpAfterMs: section.durationMs("give_up_after", HOUR_MS, { min: 1000 }),
    ca: section.path("ca"),
  };
}
