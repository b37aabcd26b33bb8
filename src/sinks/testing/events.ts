/** Events for tests of outputs. */
import type { SctEvent } from "../../events/index.ts";
import type { OutputEvent } from "../event.ts";

/** An event whose text is `text`; `fields` as the JSON has them. */
export function outputEvent(text: string, fields: Partial<SctEvent> = {}): OutputEvent {
  const event: SctEvent = { ...EVENT, message: text === "" ? null : text, ...fields };
  const { tags, priority, description } = event;
  const rule = {
    name: event.rule,
    hasLine: text !== "",
    ...(priority === null ? {} : { priority }),
    ...(tags.length === 0 ? {} : { tags }),
    ...(description === null ? {} : { description }),
  };
  return { rule, ts: event.ts, text, json: JSON.stringify(event), event };
}

/** Numbered events: `event 1` and on. */
export function outputEvents(count: number, first = 1): OutputEvent[] {
  return Array.from({ length: count }, (_, i) =>
    outputEvent(`event ${first + i}`, { seq: first + i }),
  );
}

const EVENT: SctEvent = {
  v: 1,
  ts: "2026-11-23T15:00:00.123456789Z",
  rule: "unlink_rule1",
  actions: ["LOG"],
  when: "before",
  syscall: "unlinkat",
  as: "unlink",
  nr: 263,
  abi: "x86_64",
  params: [{ name: "pathname", type: "path", value: "./dummy" }],
  args: ["0xffffffffffffff9c", "0x55d0c1a2b2a0", "0x0"],
  retval: null,
  errno: null,
  pid: 4242,
  tid: 4242,
  ppid: 4000,
  uid: 0,
  euid: 0,
  suid: 0,
  gid: 0,
  egid: 0,
  sgid: 0,
  comm: "rm",
  exe: null,
  cwd: null,
  path: null,
  flags: [],
  gen: 1,
  seq: 1,
  message: null,
  priority: null,
  tags: [],
  description: null,
};
