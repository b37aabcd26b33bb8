/** `sct unload`: takes everything away again. */
import type { CliCommand } from "../command.ts";
import { stateDirOption } from "../service/instance.ts";

export const unload: CliCommand = {
  usage: "[--state-dir DIR]",
  about: `Detach all rules, remove what is in the kernel and end the service. While another program holds a part
of it nothing is changed: Device or resource busy, exit status 3. The rules are kept on disk, and the
next 'sct load' brings them back. To lose them, use 'sct config delete' first. Needs root.`,
  options: [stateDirOption],
  examples: ["sudo sct unload"],
  run: async (args) => (await import("../service/unload.ts")).runUnload(args),
};
