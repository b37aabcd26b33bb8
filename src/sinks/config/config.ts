/** The service's configuration file: what can be said in it, and what holds when nothing is said. */
import { normalize } from "node:path";
import type { Diagnostic } from "../../base/diagnostic.ts";
import { readSmallFile } from "../../files/index.ts";
import { parseDocument } from "./document.ts";
import { readEndpoint } from "./endpoint.ts";
import { type OutputConfig, readOutput } from "./outputs.ts";
import { Section } from "./section.ts";

export interface Config {
  readonly history: {
    readonly enabled: boolean;
    readonly maxBytes: number;
    /** 0: however old. */
    readonly maxAgeMs: number;
  };
  /** Of the kernel's buffer, a power of two. */
  readonly ring: { readonly bytes: number; readonly latencyMs: number };
  readonly kernel: {
    /** Whether the kernel measures the time of programs. */
    readonly measuresTime: boolean;
    /** Rules that are not loaded within this time are refused. */
    readonly loadTimeoutMs: number;
  };
  /** Most that events on their way to outputs take, of all outputs together. */
  readonly memory: { readonly bytes: number };
  /** Group whose members may ask the service, beside root; undefined: none. */
  readonly access: { readonly readGroup: string | undefined };
  readonly outputs: readonly OutputConfig[];
  /** undefined: no metrics. */
  readonly metrics: { readonly host: string; readonly port: number } | undefined;
}

export interface ConfigResult {
  /** Complete also when there are errors, with defaults in their place; not to be used then. */
  readonly config: Config;
  readonly diagnostics: readonly Diagnostic[];
}

const DAY_MS = 86_400_000;
const MIB = 1024 ** 2;
/** The history takes no less, whatever is asked of it (store/history.ts). */
const SMALLEST_HISTORY = 4 * MIB;
/** Events of some tenths of a second at most; what outputs need later is read from the history. */
export const DEFAULT_MEMORY_BYTES = 4 * MIB;
const METRICS_LISTEN = "127.0.0.1:9466";

/** Reads a configuration text. `name` is what diagnostics call it. */
export function parseConfig(text: string, name: string): ConfigResult {
  const file = { name, text };
  const document = parseDocument(file);
  if ("code" in document) return { ...parseConfig("", name), diagnostics: [document] };
  const diagnostics: Diagnostic[] = [];
  const root = new Section(document, "", diagnostics);
  const config: Config = {
    history: readHistory(root.section("history")),
    ring: readRing(root.section("ring")),
    kernel: readKernel(root.section("kernel")),
    memory: readMemory(root.section("memory")),
    access: readAccess(root.section("access")),
    outputs: readOutputs(root),
    metrics: readMetrics(root),
  };
  root.finish();
  diagnostics.sort((a, b) => a.span.start - b.span.start);
  return { config, diagnostics };
}

/** Reads the file; one that is not there says nothing, so that defaults hold. Throws what reading throws else. */
export function readConfig(path: string): ConfigResult {
  try {
    return parseConfig(readSmallFile(path).toString("utf8"), path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    return parseConfig("", path);
  }
}

function readHistory(section: Section): Config["history"] {
  const history = {
    enabled: section.boolean("enabled", true),
    maxBytes: section.size("max_size", 1024 * MIB, { min: SMALLEST_HISTORY }),
    maxAgeMs: section.durationMs("max_age", 30 * DAY_MS),
  };
  section.finish();
  return history;
}

function readRing(section: Section): Config["ring"] {
  const bytes = section.size("size", 64 * MIB, { min: 4096, max: 2 ** 30 });
  if (!Number.isInteger(Math.log2(bytes))) section.invalid("size", "a power of two from 4K to 1G");
  const latencyMs = section.durationMs("latency", 10, { max: 1000 });
  section.finish();
  return { bytes, latencyMs };
}

function readKernel(section: Section): Config["kernel"] {
  const measuresTime = section.boolean("measure_time", false);
  const loadTimeoutMs = section.durationMs("load_timeout", 120_000, { min: 1000, max: 3_600_000 });
  section.finish();
  return { measuresTime, loadTimeoutMs };
}

function readMemory(section: Section): Config["memory"] {
  const bytes = section.size("size", DEFAULT_MEMORY_BYTES, { min: MIB, max: 1024 * MIB });
  section.finish();
  return { bytes };
}

function readAccess(section: Section): Config["access"] {
  const readGroup = section.string("read_group");
  section.finish();
  return { readGroup };
}

function readOutputs(root: Section): readonly OutputConfig[] {
  const sections = root.sections("outputs");
  const outputs: OutputConfig[] = [];
  for (const section of sections) {
    const output = readOutput(section);
    if (output === undefined) continue;
    if (outputs.some(({ name }) => name === output.name)) {
      section.invalid("name", `a name that no other output has: '${output.name}' is taken`);
    }
    const same = outputs.find((one) => isSameFile(one, output));
    if (same !== undefined) {
      section.warn(
        "path",
        "config_same_file",
        `The output '${same.name}' writes to this file, too`,
        "each rotates it by itself, and keeps writing to what the other has renamed until it notices",
      );
    }
    outputs.push(output);
  }
  return outputs;
}

function isSameFile(a: OutputConfig, b: OutputConfig): boolean {
  if (a.type !== "file" || b.type !== "file" || a.path === "") return false;
  return normalize(a.path) === normalize(b.path);
}

function readMetrics(root: Section): Config["metrics"] {
  const isWanted = root.has("metrics");
  const section = root.section("metrics");
  const endpoint = readEndpoint(section, "listen", METRICS_LISTEN);
  if (!isLoopback(endpoint.host)) {
    section.warn(
      "listen",
      "config_exposed",
      "Anybody who reaches this address over the network reads names of rules and counts",
      "127.0.0.1 and [::1] are for this machine alone",
    );
  }
  section.finish();
  return isWanted ? endpoint : undefined;
}

const isLoopback = (host: string): boolean => /^(?:127\.[\d.]+|::1|localhost)$/.test(host);
