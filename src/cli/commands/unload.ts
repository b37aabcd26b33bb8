/** `sct unload`: takes everything away again. */
import type { Command } from "../command.ts";
import { stateDirOption } from "../service/instance.ts";

export const unload: Command = {
  usage: "[--state-dir DIR]",
  about: `Detach all rules, remove what is in the kernel and end the service. While another program
holds a part of it nothing is changed: Device or resource busy, exit status 3. The rules stay
written down, and the next 'sct load' brings them back: 'sct config delete' first to lose them.
Needs root.`,
  options: [stateDirOption],
  examples: ["sudo sct unload"],
  run: async (args) => (await import("../service/unload.ts")).runUnload(args),
};
