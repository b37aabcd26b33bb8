/** What `sct doctor` does. */
import { release } from "node:os";
import { escapeControls, toJson } from "../../base/escape.ts";
import { wrapWords } from "../../base/wrap.ts";
import type { CommandArguments } from "../command.ts";
import { UsageError } from "../errors.ts";
import { ExitCode } from "../exit-codes.ts";
import { hasColor, widthOf } from "../terminal.ts";
import { version } from "../version.ts";
import { type Check, runChecks } from "./checks.ts";
import { type DoctorVerdict, findVerdicts } from "./verdicts.ts";

export async function runDoctor(args: CommandArguments): Promise<ExitCode> {
  const [operand] = args.operands;
  if (operand !== undefined) throw new UsageError(`unexpected argument '${operand}'`);
  const checks = runChecks();
  const verdicts = await findVerdicts(checks);
  const canWatch = verdicts.some(({ name, isGood }) => name === "observing" && isGood);
  process.stdout.write(args.has("json") ? json(checks, verdicts) : pretty(checks, verdicts));
  return canWatch ? ExitCode.good : ExitCode.machine;
}

/** As `uname -m` has it. */
const ARCH: Readonly<Record<string, string>> = { x64: "x86_64", ia32: "i386", arm64: "aarch64" };
const arch = ARCH[process.arch] ?? process.arch;

function json(checks: readonly Check[], verdicts: readonly DoctorVerdict[]): string {
  const machine = {
    version: version(),
    kernel: release(),
    arch,
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
  const shown = verdicts.map(({ name, isGood, lines, fix }) => ({
    name,
    good: isGood,
    lines,
    fix: fix ?? null,
  }));
  const observing = shown.some(({ name, good }) => name === "observing" && good);
  return `${toJson({ v: 1, ...machine, watch: observing, verdicts: shown, checks: rows })}\n`;
}

const INDENT = " ".repeat(7);

function pretty(checks: readonly Check[], verdicts: readonly DoctorVerdict[]): string {
  const paint = hasColor(process.stdout)
    ? (color: string, text: string) => `\x1b[${color}m${text}\x1b[0m`
    : (_: string, text: string) => text;
  const width = widthOf(process.stdout);
  const lines = [`sct ${version()}, Linux ${release()}, ${arch}, node ${process.version}`, ""];
  for (const check of checks) {
    const { name, since, isGood, isNeeded, finding, means, fix } = check;
    const [good, bad] = check.marks ?? ["yes", check.isUntried ? "?" : "no"];
    const isMissing = isNeeded && !check.isUntried;
    const mark = isGood
      ? paint("32", good.padEnd(3))
      : paint(isMissing ? "31" : "33", bad.padEnd(3));
    const from = since === undefined ? "" : ` (Linux ${since})`;
    // what the kernel says is foreign text
    const found = finding === undefined ? "" : `: ${escapeControls(finding)}`;
    lines.push(`${mark}  ${name}${from}${found}`);
    lines.push(wrapWords(INDENT, `${isNeeded ? "needed: " : ""}${means}`, width));
    if (!isGood && fix !== undefined)
      lines.push(wrapWords(`${INDENT}fix: `, escapeControls(fix), width));
  }
  lines.push("");
  for (const { name, isGood, isUntried, lines: shown, fix } of verdicts) {
    const word = isGood ? "yes" : isUntried ? "?  " : "no ";
    const mark = paint(isGood ? "32" : name === "observing" ? "31" : "33", word);
    shown.forEach((line, i) => {
      const head = i === 0 ? `${word}  ${name}: ` : INDENT;
      const text = wrapWords(head, escapeControls(line), width, INDENT.length);
      lines.push(i === 0 ? text.replace(word, mark) : text);
    });
    if (fix !== undefined) lines.push(wrapWords(`${INDENT}fix: `, escapeControls(fix), width));
  }
  return `${lines.join("\n")}\n`;
}
