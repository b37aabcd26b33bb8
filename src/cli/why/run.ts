/** What `sct why` does: the calls are judged as those of `test` blocks are. */
import { escapeControls, toJson } from "../../base/escape.ts";
import { eventNames } from "../../engines/context/index.ts";
import { formatCall, WallClock } from "../../events/index.ts";
import { runTests } from "../../language/index.ts";
import { vocabulary } from "../../linux/index.ts";
import type { CommandArguments } from "../command.ts";
import { UsageError } from "../errors.ts";
import { ExitCode } from "../exit-codes.ts";
import { userHome } from "../packs/find.ts";
import { loadRules, printDiagnostics } from "../rules.ts";
import { answerUse, hostAnswers, type UseAnswer } from "./answers.ts";
import { type AskedSubject, type AskedUse, askedSubject } from "./questions.ts";

/** Warnings that a file without tests, and rules for other machines, may have. */
const ALLOWED = ["left_open", "policy_leaves_open"];

export async function runWhy(args: CommandArguments): Promise<ExitCode> {
  const [text, more] = args.operands;
  if (text === undefined) throw new UsageError("a file or an address is missing");
  if (more !== undefined) throw new UsageError(`one file or address at a time, not '${more}' too`);
  if (!["file", "rule", "pack"].some((option) => args.has(option)))
    throw new UsageError("rules are missing: give -f FILE, -e RULE or --pack NAME");
  const subject = askedSubject(text);
  const questions = asked(subject, args.last("use"));
  const title = (index: number): string => `why ${index}`;
  const tests = questions.map(({ call, as }, i) => {
    const values = [as, args.last("as")].filter((one) => one !== undefined).join(", ");
    return `test "${title(i)}" { call ${call} as { ${values} } expect nothing }`;
  });
  const ruleSet = loadRules(args, printDiagnostics, tests, ALLOWED);
  if (ruleSet === undefined) return ExitCode.found;
  const context = { clock: new WallClock(0n), names: eventNames(), generation: 1 };
  const results = runTests(ruleSet, vocabulary, (rule, action, call) =>
    formatCall(rule, action, call, context),
  );
  const errnoName = (errno: number): string => vocabulary.errnoName(errno) ?? String(errno);
  const answering = { ruleSet, subject, home: userHome(), errnoName };
  const answers =
    subject.kind === "host"
      ? hostAnswers(subject, ruleSet)
      : questions.flatMap((question, i): UseAnswer[] => {
          const result = results.find(({ test }) => test.title === title(i));
          return result === undefined ? [] : [answerUse(question, result, answering)];
        });
  process.stdout.write(
    args.has("json")
      ? `${toJson({ v: 1, subject: subject.name, kind: subject.kind, uses: answers })}\n`
      : `${[escapeControls(subject.name), ...answers.flatMap(linesOf)].join("\n")}\n`,
  );
  return answers.some(({ verdict }) => verdict === "denied") ? ExitCode.found : ExitCode.good;
}

function asked({ kind, questions }: AskedSubject, use: string | undefined): readonly AskedUse[] {
  if (use === undefined) return questions;
  const found = questions.filter((question) => question.use === use);
  const uses = kind === "host" ? ["connect"] : questions.map((question) => question.use);
  if (!uses.includes(use))
    throw new UsageError(`--use '${use}' is none of what can be done with it: ${uses.join(", ")}`);
  return found;
}

const INDENT = " ".repeat(14);

function linesOf({ use, verdict, by, at, how, addTo, add, notProposed }: UseAnswer): string[] {
  const detail = how === undefined ? "" : ` (${how})`;
  const decider = by === undefined ? "" : ` by ${by}, ${at}`;
  const lines = [`  ${use.padEnd(12)}${verdict}${decider}${detail}`];
  if (add.length > 0) lines.push(`${INDENT}add to ${addTo} to allow it: ${add.join(", ")}`);
  if (notProposed !== undefined) lines.push(`${INDENT}not proposed: ${notProposed}`);
  return lines.map(escapeControls);
}
