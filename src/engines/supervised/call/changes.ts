/**
 * What a call may change of the thread that makes it. Rules that look back at the call, and its events, get what was
 * before it, as from the kernel engine; so that is read before such a call. All other calls leave it as it was.
 */
import { mayChange } from "../call-numbers.ts";
import type { Needs } from "../needs.ts";

/** Of a process, in its directory of /proc. */
export type ProcessLink = "exe" | "cwd" | "ns/mnt" | "ns/pid";

export function changesIds(call: string): boolean {
  return mayChange(call, "ids", "program", "namespaces");
}

export function changesCmdline(call: string): boolean {
  return mayChange(call, "program", "cmdline");
}

/** Of what is needed. */
export function changedLinks(call: string, needs: Needs): ProcessLink[] {
  const links: ProcessLink[] = [];
  if (needs.variables.has("EXE") && mayChange(call, "program", "exe", "names", "mounts"))
    links.push("exe");
  if (needs.variables.has("CWD") && mayChange(call, "cwd", "names", "mounts", "namespaces"))
    links.push("cwd");
  if (needs.variables.has("MNTNS") && mayChange(call, "namespaces")) links.push("ns/mnt");
  return links;
}
