/** Events for tests of outputs. */
import type { SctEvent } from "../../events/index.ts";
import type { OutputEvent, OutputRule } from "../event.ts";
import { safeLine } from "../line.ts";
import type { EventRun, StoredPosition } from "../run.ts";

/** An event whose text is `text`; `fields` as the JSON has them. */
export function outputEvent(text: string, fields: Partial<SctEvent> = {}): OutputEvent {
  const event: SctEvent = { ...EVENT, message: text === "" ? null : text, ...fields };
  const json = JSON.stringify(event);
  return {
    rule: ruleOf(event, text !== ""),
    ts: event.ts,
    text,
    json,
    event,
    line: (format) => safeLine(Buffer.from(`${format === "json" ? json : text}\n`), format),
  };
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
  cmdline: ["rm", "./dummy"],
  dir: null,
  duration_ns: null,
};

const rules = new Map<string, OutputRule>();

/** The same for all events of a rule. */
function ruleOf(
  { rule: name, tags, priority, description }: SctEvent,
  hasLine: boolean,
): OutputRule {
  const made = {
    name,
    hasLine,
    ...(priority === null ? {} : { priority }),
    ...(tags.length === 0 ? {} : { tags }),
    ...(description === null ? {} : { description }),
  };
  const key = JSON.stringify(made);
  const rule = rules.get(key) ?? made;
  rules.set(key, rule);
  return rule;
}

/** Events as outputs share them; `position`: where they are stored. */
export function runOf(events: readonly OutputEvent[], position?: StoredPosition): EventRun {
  const counts = new Map<OutputRule, number>();
  for (const { rule } of events) counts.set(rule, (counts.get(rule) ?? 0) + 1);
  const size = events.reduce((sum, { event }) => sum + 100 + (event.message?.length ?? 0), 0);
  const at = (index: number): OutputEvent => {
    const event = events[index];
    if (event === undefined) throw new RangeError(`no event ${index}`);
    return event;
  };
  return {
    count: events.length,
    bytes: size,
    position,
    rules: counts,
    size,
    onGrow: () => undefined,
    rule: (index) => at(index).rule,
    event: at,
    lines(from, to, format, wants, most) {
      const lines: Uint8Array[] = [];
      let end = from;
      let count = 0;
      for (let bytes = 0; end < to && (bytes < most || lines.length === 0); end++) {
        if (!wants(at(end).rule)) continue;
        count++;
        const line = at(end).line(format);
        if (line !== undefined) lines.push(line);
        bytes += line?.length ?? 0;
      }
      const bytes = lines.length === 0 ? undefined : Buffer.concat(lines);
      return { bytes, count, end };
    },
    dropForms() {},
    dispose() {},
    forgetPosition() {
      Object.assign(this, { position: undefined });
    },
  };
}
