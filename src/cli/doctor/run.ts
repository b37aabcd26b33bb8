/** What `sct doctor` does. */
import { release } from "node:os";
import { escapeControls } from "../../base/escape.ts";
import type { Arguments } from "../command.ts";
import { UsageError } from "../errors.ts";
import { ExitCode } from "../exit-codes.ts";
import { hasColor } from "../terminal.ts";
import { version } from "../version.ts";
import { type Check, runChecks } from "./checks.ts";

export async function runDoctor(args: Arguments): Promise<ExitCode> {
  const [operand] = args.operands;
  if (operand !== undefined) throw new UsageError(`unexpected argument '${operand}'`);
  const checks = runChecks();
  const missing = checks.filter(({ isNeeded, isGood }) => isNeeded && !isGood);
  const canWatch = missing.length === 0;
  process.stdout.write(args.has("json") ? json(checks, canWatch) : pretty(checks, missing));
  return canWatch ? ExitCode.good : ExitCode.machine;
}

function json(checks: readonly Check[], canWatch: boolean): string {
  const machine = {
    version: version(),
    kernel: release(),
    arch: process.arch,
    node: process.version,
  };
  const rows = checks.map(({ name, since, isGood, isNeeded, finding, means, fix }) => ({
    name,
    since: since ?? null,
    good: isGood,
    needed: isNeeded,
    finding: finding ?? null,
    means,
    fix: fix ?? null,
  }));
  return `${JSON.stringify({ v: 1, ...machine, watch: canWatch, checks: rows })}\n`;
}

function pretty(checks: readonly Check[], missing: readonly Check[]): string {
  const paint = hasColor(process.stdout)
    ? (color: string, text: string) => `\x1b[${color}m${text}\x1b[0m`
    : (_: string, text: string) => text;
  const lines = [
    `sct ${version()}, Linux ${release()}, ${process.arch}, node ${process.version}`,
    "",
  ];
  for (const { name, since, isGood, isNeeded, finding, means, fix } of checks) {
    const mark = isGood ? paint("32", "yes") : paint(isNeeded ? "31" : "33", "no ");
    const from = since === undefined ? "" : ` (Linux ${since})`;
    // what the kernel says is foreign text
    const found = finding === undefined ? "" : `: ${escapeControls(finding)}`;
    lines.push(`${mark}  ${name}${from}${found}`);
    lines.push(`       ${isNeeded ? "needed: " : ""}${means}`);
    if (!isGood && fix !== undefined) lines.push(`       fix: ${escapeControls(fix)}`);
  }
  const verdict =
    missing.length === 0
      ? "This machine can watch rules system-wide."
      : `This machine cannot watch rules system-wide: ${missing.map(({ name }) => name).join(", ")} missing.`;
  const run = "Not looked at: 'sct run', which needs none of this.";
  return `${[...lines, "", verdict, run].join("\n")}\n`;
}
