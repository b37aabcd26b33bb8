/** `sct load`: starts the service. */
import type { CliCommand } from "../command.ts";
import { stateDirOption } from "../service/instance.ts";

export const load: CliCommand = {
  usage: "[--foreground] [--state-dir DIR]",
  about: `Start the service and put rules in force: those that were in force before, or at the first start
those of /etc/syscalltrack/rules.d/*.conf. Rules act on every process of the machine until
'sct unload', whether the service runs or not. Exit status 1 when rules could not be put in force.
The service runs without them then, and 'sct status' says why. Needs root.`,
  options: [
    { name: "foreground", help: "be the service instead of starting it, for systemd" },
    stateDirOption,
  ],
  examples: ["sudo sct load"],
  run: async (args) => (await import("../service/load.ts")).runLoad(args),
};
