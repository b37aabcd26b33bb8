/** Watching the machine is for root; a command of one's own is not. */
import { MachineError } from "../../sys/index.ts";

export class PrivilegeError extends MachineError {
  readonly code = "privilege";

  /** `what` only root can do something with. */
  constructor(cause: unknown, what = "watching the whole machine") {
    const hint =
      "Run it with sudo; 'sct run' watches a command and its descendants without privileges";
    super(`${what} needs root`, hint, cause);
  }
}
