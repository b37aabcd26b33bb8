/** Watching the machine is for root; a command of one's own is not. */
import { MachineError } from "../../sys/index.ts";

export class PrivilegeError extends MachineError {
  readonly code = "privilege";

  constructor(cause: unknown) {
    const hint =
      "Run it with sudo; 'sct run' watches a command and its descendants without privileges";
    super("watching the whole machine needs root", hint, cause);
  }
}
