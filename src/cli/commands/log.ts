/** `sct log`: the history, and events as they come. */
import type { CliCommand } from "../command.ts";

export const log: CliCommand = {
  usage:
    "[-f] [-n N] [--since TIME] [--until TIME] [--rule NAME] [--tag TAG] [--priority LEVEL] [--syscall NAME] [--pid PID] [--uid USER] [--comm NAME] [--exe NAME] [--path PATH] [--grep RE] [--count] [--by FIELD] [--no-time|--time] [--json] [--state-dir DIR]",
  about: `Print the events that the service has stored, oldest first. With -f print the last ones, and then
each as it comes ('sctlog' is 'sct log -f --no-time'). Conditions on different things must all hold;
of several values for one thing any will do. TIME is 10m or 2h (ago), 14:30 (today), yesterday,
2026-11-23, '2026-11-23 14:30' or 2026-11-23T14:30:00Z. Rules without a LOG action have no line:
--json shows their events too. Works without the service. Needs root.`,
  options: [
    { name: "follow", short: "f", help: "print events as they come, until Ctrl-C" },
    {
      name: "lines",
      short: "n",
      value: "N",
      help: "print the last N lines only; default: all, with -f 10 unless --since is given",
    },
    { name: "since", value: "TIME", help: "events from this time on" },
    { name: "until", value: "TIME", help: "events up to this time" },
    { name: "rule", value: "NAME", completes: "rule", help: "events of the rule; * for any text" },
    { name: "tag", value: "TAG", help: "events of rules with this tag" },
    {
      name: "priority",
      value: "LEVEL",
      help: "events of rules this urgent or more: 0 to 7, emerg to debug; without one: notice",
    },
    { name: "syscall", value: "NAME", help: "events of the call and its variants, or of a @class" },
    { name: "pid", value: "PID", help: "events of the process" },
    { name: "uid", value: "USER", help: "events of the user, by number or name" },
    { name: "exe", value: "NAME", help: "events of the program: its path, or the end of it" },
    { name: "comm", value: "NAME", help: "events of threads with this name" },
    { name: "path", value: "PATH", help: "events that name the file, as the call did or in full" },
    {
      name: "grep",
      value: "RE",
      help: "events whose line, as it is printed, has the regular expression (of JavaScript)",
    },
    { name: "count", help: "print the number of events instead of lines" },
    {
      name: "by",
      value: "FIELD",
      completes: ["rule", "syscall", "uid", "comm", "exe", "path"],
      help: "print the number of events for each value, most first: rule, syscall, uid, comm, exe or path",
    },
    {
      name: "no-time",
      help: "lines as the rules have them, without day and time in front of those that lack them",
    },
    { name: "time", help: "day and time in front of lines all the same, for sctlog" },
    { name: "json", help: "print JSON, one object a line (see docs/events.md)" },
    { name: "state-dir", value: "DIR", help: "read the history of the instance in DIR" },
  ],
  examples: [
    "sudo sct log -f",
    "sudo sct log --since 10m --comm rm",
    "sudo sct log --path /etc/passwd -n 20 --json",
    "sudo sct log --since today --by comm",
  ],
  run: async (args) => (await import("../log/run.ts")).runLog(args),
};
