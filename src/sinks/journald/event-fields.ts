/** An event as journald shows it: the line, and fields to select by. docs/configuration.md lists them. */
import type { Loss, OutputEvent } from "../event.ts";
import { lossText, safe, safeJson } from "../line.ts";
import type { JournalField } from "./fields.ts";

/** `severity`: number of syslog's level. */
export function eventFields(output: OutputEvent, severity: number): readonly JournalField[] {
  const { event, text, json, rule } = output;
  const message = text === "" ? `${rule.name}: ${event.actions.join(",")} ${event.as}` : text;
  return [
    ["MESSAGE", safe(message)],
    ...commonFields(rule.priority ?? severity),
    ["SCT_RULE", rule.name],
    ["SCT_DESCRIPTION", rule.description ?? null],
    ...(rule.tags ?? []).map((tag): JournalField => ["SCT_TAG", tag]),
    ["SCT_ACTIONS", event.actions.join(",")],
    ["SCT_WHEN", event.when],
    ["SCT_SYSCALL", event.syscall],
    ["SCT_PID", event.pid],
    ["SCT_TID", event.tid],
    ["SCT_PPID", event.ppid],
    ["SCT_UID", event.uid],
    ["SCT_EUID", event.euid],
    ["SCT_GID", event.gid],
    ["SCT_COMM", event.comm],
    ["SCT_EXE", event.exe],
    ["SCT_CWD", event.cwd],
    ["SCT_PATH", event.path ?? firstPath(output)],
    ["SCT_RETVAL", event.retval],
    ["SCT_ERRNO", event.errno],
    ["SCT_FLAGS", event.flags.join(",") || null],
    ["SCT_GENERATION", event.gen],
    ["SCT_SEQ", event.seq],
    ["SCT_TIME", event.ts],
    ["SCT_JSON", safeJson(json)],
  ];
}

export function lossFields(loss: Loss, severity: number): readonly JournalField[] {
  return [
    ["MESSAGE", safe(lossText(loss))],
    ...commonFields(severity),
    ["SCT_LOST", loss.total],
    ["SCT_LOST_RULES", JSON.stringify(loss.rules)],
  ];
}

function commonFields(severity: number): readonly JournalField[] {
  return [
    ["SYSLOG_IDENTIFIER", "syscalltrack"],
    ["PRIORITY", severity],
  ];
}

function firstPath({ event }: OutputEvent): string | null {
  const value = event.params.find(({ type }) => type === "path")?.value;
  return typeof value === "string" ? value : null;
}
