/** First start on this machine: the rules that the administrator put into the configuration directory. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { RuleFiles } from "../rule-files/index.ts";
import { firstError } from "./answers.ts";
import type { Paths } from "./paths.ts";
import type { RuleText } from "./protocol.ts";
import { collectIncludes } from "./rule-set.ts";
import type { RulesInForce } from "./rules-in-force.ts";

/** All or none, as with an upload: what one file denies, another may be there to except. */
export async function loadConfigured(
  rules: RulesInForce,
  { rulesDir }: Pick<Paths, "rulesDir">,
  tell: (line: string) => void,
): Promise<void> {
  const refuse = (reason: string): void => {
    const problem = `the rules of ${rulesDir} are not in force: ${reason}`;
    rules.saved.problem = problem;
    tell(problem);
  };
  const reader = new RuleFiles({ readsPipes: false });
  const texts: RuleText[] = [];
  try {
    for (const path of listRuleFiles(rulesDir)) {
      const file = reader.read(path);
      if ("error" in file) return refuse(`cannot read ${path}: ${file.error}`);
      texts.push(file);
    }
  } catch (error) {
    return refuse((error as Error).message);
  }
  if (texts.length === 0) return;
  const { loadInclude } = collectIncludes(texts, reader.include);
  const answer = await rules.replace(texts, loadInclude);
  if (answer.ok) return;
  refuse(firstError(answer));
  for (const { text } of answer.error.diagnostics ?? []) tell(text);
}

/** What `*.conf` is for a shell, by name: neither what an editor hides beside a file nor what it keeps of it. */
function listRuleFiles(directory: string): readonly string[] {
  try {
    const names = readdirSync(directory).filter((name) => /^[^.].*\.conf$/.test(name));
    return names.sort().map((name) => join(directory, name));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}
