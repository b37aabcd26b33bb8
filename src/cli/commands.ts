/** The subcommands. Each is loaded when it is used, so that `sct --help` stays fast. */
import type { Command } from "./command.ts";

interface Entry {
  readonly summary: string;
  load(): Promise<Command>;
}

export const commands: ReadonlyMap<string, Entry> = new Map([
  [
    "run",
    {
      summary: "run a command under rules, without privileges",
      load: async () => (await import("./commands/run.ts")).run,
    },
  ],
  [
    "watch",
    {
      summary: "print a line for each matching system call on this machine",
      load: async () => (await import("./commands/watch.ts")).watch,
    },
  ],
  [
    "check",
    {
      summary: "say what is wrong with rule files, and how rules are observed here",
      load: async () => (await import("./commands/check.ts")).check,
    },
  ],
  [
    "test",
    {
      summary: "run the test blocks of rule files",
      load: async () => (await import("./commands/test.ts")).test,
    },
  ],
  [
    "doctor",
    {
      summary: "say what this machine can do, and what to change",
      load: async () => (await import("./commands/doctor.ts")).doctor,
    },
  ],
  [
    "syscalls",
    {
      summary: "list system calls with their parameters, variants and classes",
      load: async () => (await import("./commands/syscalls.ts")).syscalls,
    },
  ],
]);

/** Names of the product's other commands, so that a user of them is told the truth instead of "unknown". */
export const futureCommands: ReadonlySet<string> = new Set([
  "load",
  "config",
  "log",
  "unload",
  "status",
  "trace",
  "completion",
]);
