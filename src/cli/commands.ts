/** The subcommands. Each is loaded when it is used, so that `sct --help` stays fast. */
import type { CommandEntry, CommandGroup, CommandTable } from "./command.ts";

/** Headings of the help text, in its order, each with a line that shows the group at work. */
export const groups = {
  now: {
    title: "Watch and control",
    example: "sudo sct watch unlink",
  },
  service: {
    title: "The service",
    example: "sudo sct load && sudo sct config upload /etc/syscalltrack/rules.d/10-passwd.conf",
  },
  rules: { title: "Write rules", example: "sct check --explain /etc/syscalltrack/rules.d/*.conf" },
  machine: { title: "This machine", example: "sudo sct doctor" },
} as const satisfies Record<CommandGroup, object>;

export const commands: ReadonlyMap<string, CommandEntry> = new Map<string, CommandEntry>([
  [
    "run",
    {
      group: "now",
      summary: "run a command under rules, without privileges",
      load: async () => (await import("./commands/run.ts")).run,
    },
  ],
  [
    "trace",
    {
      group: "now",
      summary: "trace the calls of a command or a process, as strace does",
      load: async () => (await import("./commands/trace.ts")).trace,
    },
  ],
  [
    "learn",
    {
      group: "rules",
      summary: "run a command and propose a policy for what it does",
      load: async () => (await import("./commands/learn.ts")).learn,
    },
  ],
  [
    "why",
    {
      group: "rules",
      summary: "say which line decides about a file or an address, and what to add",
      load: async () => (await import("./commands/why.ts")).why,
    },
  ],
  [
    "watch",
    {
      group: "now",
      summary: "print a line for each matching system call on this machine",
      load: async () => (await import("./commands/watch.ts")).watch,
    },
  ],
  [
    "count",
    {
      group: "now",
      summary: "count system calls in the kernel, by values, with sums and histograms",
      load: async () => (await import("./commands/count.ts")).count,
    },
  ],
  [
    "load",
    {
      group: "service",
      summary: "start the service, which keeps rules in force for every process",
      load: async () => (await import("./commands/load.ts")).load,
    },
  ],
  [
    "config",
    {
      group: "service",
      summary: "upload, download, delete or replace the rules in force",
      load: async () => (await import("./commands/config.ts")).config,
    },
  ],
  [
    "status",
    {
      group: "service",
      summary: "show how the rules in force and the service are",
      load: async () => (await import("./commands/status.ts")).status,
    },
  ],
  [
    "unload",
    {
      group: "service",
      summary: "take all rules out of force and end the service",
      load: async () => (await import("./commands/unload.ts")).unload,
    },
  ],
  [
    "log",
    {
      group: "service",
      summary: "print stored events, and follow what comes",
      load: async () => (await import("./commands/log.ts")).log,
    },
  ],
  [
    "top",
    {
      group: "now",
      summary: "show which rules, processes and paths give most events, live",
      load: async () => (await import("./commands/top.ts")).top,
    },
  ],
  [
    "check",
    {
      group: "rules",
      summary: "say what is wrong with rule files, and how rules are observed here",
      load: async () => (await import("./commands/check.ts")).check,
    },
  ],
  [
    "fmt",
    {
      group: "rules",
      summary: "rewrite rule files in one layout, with their comments",
      load: async () => (await import("./commands/fmt.ts")).fmt,
    },
  ],
  [
    "lsp",
    {
      group: "rules",
      summary: "serve editors: errors, completion and more while rules are written",
      load: async () => (await import("./commands/lsp.ts")).lsp,
    },
  ],
  [
    "test",
    {
      group: "rules",
      summary: "run the test blocks of rule files",
      load: async () => (await import("./commands/test.ts")).test,
    },
  ],
  [
    "doctor",
    {
      group: "machine",
      summary: "say what this machine can do, and what to change",
      load: async () => (await import("./commands/doctor.ts")).doctor,
    },
  ],
  [
    "syscalls",
    {
      group: "rules",
      summary: "list system calls with their parameters, variants and classes",
      load: async () => (await import("./commands/syscalls.ts")).syscalls,
    },
  ],
  [
    "suspended",
    {
      group: "machine",
      summary: "list processes that rules have stopped, and decide about them",
      load: async () => (await import("./commands/suspended.ts")).suspended,
    },
  ],
  [
    "completion",
    {
      group: "machine",
      summary: "print what a shell needs to complete command lines of sct",
      load: async () =>
        (await import("./commands/completion.ts")).completionCommand({ commands, classicNames }),
    },
  ],
]);

/** The classic programs: what stands for `sct` and these arguments. */
export const classicNames: CommandTable["classicNames"] = new Map<
  string,
  readonly [command: string, ...options: string[]]
>([
  ["sct_load", ["load"]],
  ["sct_config", ["config"]],
  ["sctlog", ["log", "-f", "--no-time"]],
  ["sct_unload", ["unload"]],
  ["sctrace", ["trace"]],
]);
