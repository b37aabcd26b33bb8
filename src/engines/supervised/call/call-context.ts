/** What calls are read with. */
import type { CheckedRule } from "../../../language/index.ts";
import { ProcessMemory } from "../../../sys/index.ts";
import { Literals } from "../literals.ts";
import type { Needs } from "../needs.ts";
import { PathResolver } from "../task/path-resolver.ts";
import { ProcFiles } from "../task/proc-files.ts";
import { TaskTable } from "../task/task-table.ts";

/** What reading a call needs; one for the whole run. */
export class CallContext {
  readonly memory = new ProcessMemory();
  readonly tasks: TaskTable;
  readonly needs: Needs;
  readonly paths: PathResolver;
  readonly literals: Literals;
  /** Calls are made again, and compared with what they were. */
  readonly compares: boolean;

  constructor(rules: readonly CheckedRule[], needs: Needs, loading?: () => number | undefined) {
    this.needs = needs;
    this.literals = new Literals(rules);
    this.compares = rules.some(({ actions }) => actions.some(({ type }) => type === "SUSPEND"));
    this.tasks = new TaskTable(needs.fleeting, new ProcFiles(loading));
    this.paths = new PathResolver(this.tasks.files, this.literals.comparesFiles);
  }

  close(): void {
    this.literals.close();
    this.paths.free();
    this.tasks.close();
    this.memory.close();
  }
}
