/** `sct check FILE.toml`: the service's configuration, as it would be read. */
import type { Diagnostic } from "../../base/diagnostic.ts";
import { toJson } from "../../base/escape.ts";
import { diagnosticToJson, formatDiagnostic } from "../../base/print-diagnostic.ts";
import { readSmallFile, reasonOf } from "../../files/index.ts";
import type { CommandArguments } from "../command.ts";
import { InputError, UsageError } from "../errors.ts";
import { ExitCode } from "../exit-codes.ts";
import { plural } from "../plural.ts";
import { hasColor, widthOf } from "../terminal.ts";

export function isConfiguration(path: string): boolean {
  return path.endsWith(".toml");
}

export async function checkConfigurations(
  args: CommandArguments,
  files: readonly string[],
): Promise<ExitCode> {
  if (args.has("explain")) throw new UsageError("--explain is about rules");
  const { parseConfig } = await import("../../sinks/config/config.ts");
  const diagnostics = files.flatMap((path) => parseConfig(read(path), path).diagnostics);
  const errors = diagnostics.filter(({ severity }) => severity === "error").length;
  const text = args.has("json") ? json(files, diagnostics) : pretty(files, diagnostics, errors);
  process.stdout.write(`${text}\n`);
  return errors > 0 ? ExitCode.found : ExitCode.good;
}

function read(path: string): string {
  try {
    return readSmallFile(path).toString("utf8");
  } catch (error) {
    throw new InputError(`cannot read '${path}': ${reasonOf(error)}`);
  }
}

function pretty(
  files: readonly string[],
  diagnostics: readonly Diagnostic[],
  errors: number,
): string {
  const color = hasColor(process.stdout);
  const verdict = errors === 0 ? "no errors" : plural(errors, "error");
  return [
    ...diagnostics.map((diagnostic) =>
      formatDiagnostic(diagnostic, { color, width: widthOf(process.stdout) }),
    ),
    `${plural(files.length, "configuration")}: ${verdict}`,
  ].join("\n");
}

function json(files: readonly string[], diagnostics: readonly Diagnostic[]): string {
  const ok = diagnostics.every(({ severity }) => severity !== "error");
  return toJson({ v: 1, files, ok, diagnostics: diagnostics.map(diagnosticToJson) });
}
