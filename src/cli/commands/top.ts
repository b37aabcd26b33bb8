/** `sct top`: rules, processes and paths by how many events they give, live. */
import type { CliCommand } from "../command.ts";
import { ruleOptions } from "../rule-options.ts";
import { stateDirOption } from "../service/instance.ts";

export const top: CliCommand = {
  usage:
    "[-f FILE]... [-e RULE]... [--allow WARNING]... [--interval TIME] [--once] [--json] [--state-dir DIR]",
  about: `Show, once a second, which rules match how often, by which processes and on which paths, until q is
pressed. Without -f and -e it shows the rules of the running service. Rules that are given are
loaded into the kernel meanwhile. Other keys: s sorts by total or by rate, space pauses. Not on a
terminal, frames are printed one after the other. At the end the rules are removed. Processes that a
SUSPEND rule has stopped stay stopped, and are named. Needs root.`,
  options: [
    ...ruleOptions,
    { name: "interval", value: "TIME", help: "time between frames, such as 500ms; default 1s" },
    { name: "once", help: "print one frame and end" },
    { name: "json", help: "print each frame as one JSON object; with --once a single one" },
    stateDirOption,
  ],
  examples: [
    "sudo sct top",
    "sudo sct top -e 'rule { syscall_name = unlink action { type = LOG } }'",
  ],
  run: async (args) => (await import("../top/run.ts")).runTop(args),
};
