/** An event as OpenTelemetry's log data model has it. */

import type { Loss, OutputEvent } from "../event.ts";
import { lossText, safe, safeJson } from "../line.ts";

export interface LogFields {
  readonly ts: string;
  readonly eventName: string;
  readonly body: string;
  /** Level of syslog, which the exporter says in OpenTelemetry's numbers; undefined: a notice. */
  readonly priority?: number | undefined;
  /** Names of the semantic conventions where they have one, else under `syscalltrack.`. */
  readonly attributes: Readonly<Record<string, string | number | string[]>>;
}

export function logFields({ event, text, json, rule }: OutputEvent): LogFields {
  const all: Record<string, string | number | readonly string[] | null> = {
    "process.pid": event.pid,
    "process.parent_pid": event.ppid,
    "process.executable.path": event.exe,
    "process.working_directory": event.cwd,
    "thread.id": event.tid,
    "thread.name": event.comm,
    "file.path": event.path,
    "user.id": event.uid === null ? null : String(event.uid),
    "syscalltrack.rule": event.rule,
    "syscalltrack.tags": event.tags.length === 0 ? null : event.tags,
    "syscalltrack.description": event.description,
    "syscalltrack.actions": event.actions,
    "syscalltrack.when": event.when,
    "syscalltrack.syscall": event.syscall,
    "syscalltrack.retval": event.retval,
    "syscalltrack.errno": event.errno,
    "syscalltrack.flags": event.flags.length === 0 ? null : event.flags,
    "syscalltrack.generation": event.gen,
    "syscalltrack.seq": event.seq,
    "syscalltrack.event": safeJson(json),
  };
  const attributes = Object.fromEntries(
    Object.entries(all).flatMap(([name, value]) =>
      value === null ? [] : [[name, typeof value === "number" ? value : safeValue(value)]],
    ),
  );
  const body = text === "" ? `${event.rule}: ${event.actions.join(",")} ${event.as}` : text;
  const { priority } = rule;
  return { ts: event.ts, eventName: "syscalltrack.event", body: safe(body), priority, attributes };
}

function safeValue(value: string | readonly string[]): string | string[] {
  return typeof value === "string" ? safe(value) : value.map(safe);
}

export function lossLogFields(loss: Loss): LogFields {
  const attributes = {
    "syscalltrack.lost": loss.total,
    "syscalltrack.lost_rules": JSON.stringify(loss.rules),
  };
  return { ts: loss.ts, eventName: "syscalltrack.loss", body: safe(lossText(loss)), attributes };
}
