/** First start on this machine: the rules that the administrator put into the configuration directory. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { Paths } from "../paths.ts";
import { firstError } from "../socket/answers.ts";
import type { RulesInForce } from "./rules-in-force.ts";

/** All or none, as with an upload: what one file denies, another may be there to except. */
export async function loadConfigured(
  rules: RulesInForce,
  { rulesDir }: Pick<Paths, "rulesDir">,
  report: (line: string) => void,
): Promise<void> {
  const refuse = (reason: string): void => {
    const problem = `the rules of ${rulesDir} are not in force: ${reason}`;
    rules.saved.problem = problem;
    report(problem);
  };
  let paths: readonly string[];
  try {
    paths = listRuleFiles(rulesDir);
  } catch (error) {
    return refuse((error as Error).message);
  }
  if (paths.length === 0) return;
  const answer = await rules.replaceByFiles(paths);
  if ("problem" in answer) return refuse(answer.problem);
  if (answer.ok) return;
  refuse(firstError(answer));
  for (const { text } of answer.error.diagnostics ?? []) report(text);
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
