/** Sets up `sct run --ask`: who is asked, what was allowed before, and what the command itself must not change. */
import { relative } from "node:path";
import type { CheckedRule } from "../../language/index.ts";
import { quotedText } from "../../language/index.ts";
import type { CommandArguments } from "../command.ts";
import { ownFolder, packPath } from "../packs/find.ts";
import { resolvedPath } from "../why/questions.ts";
import { DenialDialogue } from "./denials.ts";
import { isInProject } from "./keep.ts";
import { isOwnRule, ownPolicyText } from "./own-policy.ts";
import { AskedPermissions } from "./permissions.ts";
import { openPrompt, type Prompt } from "./prompt.ts";

export interface Asking {
  readonly prompt: Prompt;
  readonly permissions: AskedPermissions;
  /** What the user should know before the command starts. */
  readonly notices: readonly string[];
}

/** Rules that hold besides those of the command line, which must have some. */
export function rulesOfAsking(args: CommandArguments): readonly string[] {
  const hasRules = ["file", "rule", "deny", "pack"].some((option) => args.has(option));
  if (!args.has("ask") || !hasRules) return [];
  return [ownPolicyText(resolvedPath(ownFolder()), [...ruleFiles(args), ...packFiles(args)])];
}

/** Throws InputError where there is no terminal. */
export function openAsking(
  args: CommandArguments,
  rules: readonly CheckedRule[],
  beforeAsking: () => void,
): Asking {
  const permissions = new AskedPermissions();
  const denials = new DenialDialogue(permissions, args.all("pack"));
  denials.restore(rules);
  const prompt = openPrompt(denials, beforeAsking);
  return { prompt, permissions, notices: noticesOf(args, rules) };
}

const LANDLOCK =
  "what policies deny is asked about, and decided by sct alone: what Landlock denies, nobody could allow later";
const NAMES = "names of hosts that a policy does not allow are denied without a question";

function noticesOf(args: CommandArguments, rules: readonly CheckedRule[]): readonly string[] {
  const work = process.cwd();
  const brought = ruleFiles(args).filter((path) => isInProject(path, work));
  const parts = rules.flatMap((rule) =>
    rule.policy !== undefined &&
    !isOwnRule(rule) &&
    rule.actions.some(({ type }) => type === "FAIL")
      ? [rule.policy]
      : [],
  );
  return [
    ...(parts.length > 0 ? [LANDLOCK] : []),
    ...(parts.some(({ hosts }) => hosts.length > 0) ? [NAMES] : []),
    ...brought.map(
      (path) =>
        `the rules of ${quotedText(relative(work, path))} come from the folder of the project: whoever can change it there gives permissions`,
    ),
  ];
}

const ruleFiles = (args: CommandArguments): readonly string[] =>
  args
    .all("file")
    .filter((path) => path !== "-")
    .map(resolvedPath);

const packFiles = (args: CommandArguments): readonly string[] =>
  args.all("pack").map((given) => resolvedPath(packPath(given)));
