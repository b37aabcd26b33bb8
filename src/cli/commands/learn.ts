/** `sct learn`: a policy from what a command does. */
import type { CliCommand } from "../command.ts";
import { allowOption } from "../rule-options.ts";

export const learn: CliCommand = {
  usage: "[-o FILE] [-f FILE] [--allow WARNING]... [--exe PATH] [--unit NAME] -- CMD [ARG]...",
  about: `Run CMD, watch which files it uses and where it connects, and propose a policy that allows
that and nothing else. Evidence stands beside each line. Credentials are reported and not proposed.
Needs no privileges. The exit status is that of CMD, as with 'sct run'.`,
  options: [
    {
      name: "output",
      short: "o",
      value: "FILE",
      help: "write the policy to FILE; without it, to standard output (CMD then writes its own to standard error)",
    },
    {
      name: "file",
      short: "f",
      value: "FILE",
      help: "run CMD under the policy in FILE, and print only what it lacks; with -o, write both together",
    },
    allowOption,
    {
      name: "exe",
      value: "PATH",
      help: "not in this version: to learn from a program that runs already",
    },
    { name: "unit", value: "NAME", help: "not in this version: to learn from a unit of systemd" },
  ],
  operands: "command",
  failure: 125,
  examples: [
    "sct learn -o npm-ci.conf -- npm ci",
    "sct learn -f npm-ci.conf -- npm ci",
    "sct run -f npm-ci.conf -- npm ci",
  ],
  run: async (args) => (await import("../learn/run.ts")).learnCommand(args),
};
