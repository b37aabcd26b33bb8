/** The configuration of the service, as far as its file can be read. */
import { formatDiagnostic } from "../base/print-diagnostic.ts";
import { type Config, parseConfig, readConfig } from "../sinks/index.ts";
import type { Paths } from "./paths.ts";
import { readState } from "./run-files/state-files.ts";

export interface ServiceConfig {
  readonly config: Config;
  /** Why it is not that of the file; undefined: it is. */
  readonly problem: string | undefined;
}

/** Of the service's file; with errors, which are reported, what holds when nothing is said: rules matter more. */
export function readServiceConfig(paths: Paths, report: (line: string) => void): ServiceConfig {
  const result = tryConfig(paths, report);
  if (!("error" in result)) return { config: result, problem: undefined };
  const problem = `the configuration is not in force, defaults are: ${result.error}`;
  return { config: parseConfig("", paths.config).config, problem };
}

/** What is wrong is reported, and returned in one line. */
export function tryConfig(
  paths: Paths,
  report: (line: string) => void,
): Config | { readonly error: string } {
  try {
    // throws where a pipe is in its place, which would be waited for
    readState(paths.config);
    const { config, diagnostics } = readConfig(paths.config);
    const texts = diagnostics.map((one) => formatDiagnostic(one));
    for (const text of texts) report(text);
    const at = diagnostics.findIndex(({ severity }) => severity === "error");
    return at < 0 ? config : { error: texts[at]?.split("\n", 1)[0] ?? "" };
  } catch (error) {
    const text = `cannot read ${paths.config}: ${(error as Error).message}`;
    report(text);
    return { error: text };
  }
}
