/** Which instance of the service a command means, and who may. */
import { findPaths, type Paths } from "../../daemon/index.ts";
import { MachineError } from "../../sys/index.ts";
import type { Arguments, Option } from "../command.ts";

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
export function findInstance(args: Arguments): Paths {
  // said before any file is touched: "permission denied" would not tell what for
  if (process.geteuid?.() !== 0) throw new RootError();
  return findPaths(args.last("state-dir"));
}

export const stateDirOption: Option = {
  name: "state-dir",
  value: "DIR",
  help: "use the service that keeps everything in DIR (SCT_STATE_DIR)",
};
