/** The instance of the service that a command means, and whether the user may. */
import { existsSync } from "node:fs";
import { findPaths, type Paths } from "../../daemon/index.ts";
import { MachineError } from "../../sys/index.ts";
import type { CommandArguments, Option } from "../command.ts";
import { UsageError } from "../errors.ts";

export class RootError extends MachineError {
  readonly code = "privilege";

  constructor() {
    super(
      "the service is for root alone: it sees and stops every process of the machine",
      "Run it with sudo; 'sct run' watches a command and its descendants without privileges",
    );
  }
}

/** Throws RootError. */
export function findInstance(args: CommandArguments): Paths {
  // said before any file is touched: "permission denied" would not say what for
  if (process.geteuid?.() !== 0) throw new RootError();
  return findPaths(stateDirOf(args));
}

/** The same for commands that only read: members of `read_group` may use them too. Throws RootError. */
export function findReadableInstance(args: CommandArguments): Paths {
  const paths = findPaths(stateDirOf(args));
  if (process.geteuid?.() !== 0 && !existsSync(paths.readSocket)) throw new RootError();
  return paths;
}

/** An empty one is a variable of a script that was not set: it must not mean the machine's own service. */
export function stateDirOf(args: CommandArguments): string | undefined {
  const directory = args.last("state-dir");
  if (directory === "") throw new UsageError("--state-dir takes a directory: ''");
  return directory;
}

export const stateDirOption: Option = {
  name: "state-dir",
  value: "DIR",
  help: "use the service that keeps everything in DIR (SCT_STATE_DIR)",
};
