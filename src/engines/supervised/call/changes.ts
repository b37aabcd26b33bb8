/**
 * What a call may change of the thread that makes it. Rules that look back at the call, and its events, get what was
 * before it, as from the kernel engine; so that is read before such a call. All other calls leave it as it was.
 */
import type { Needs } from "../needs.ts";
import { CHANGE_IDS, EXECUTE } from "../watched-calls.ts";

/** Of a process, in its directory of /proc. */
export type Link = "exe" | "cwd" | "ns/mnt" | "ns/pid";

/** Other names for what is there: of the directory, the program, or something on the way to them. */
const RENAME = words("rename renameat renameat2 unlink unlinkat rmdir");
const MOUNT = words("mount umount umount2 move_mount pivot_root");
const ENTER = words("unshare setns");

const CHANGING_IDS = new Set([...CHANGE_IDS, ...EXECUTE, ...ENTER]);
/** prctl: PR_SET_MM_EXE_FILE. */
const CHANGING_EXE = new Set([...EXECUTE, "prctl", ...RENAME, ...MOUNT]);
const CHANGING_CWD = new Set([...words("chdir fchdir"), ...RENAME, ...MOUNT, ...ENTER]);
const CHANGING_MOUNTS = new Set(ENTER);

export function changesIds(call: string): boolean {
  return CHANGING_IDS.has(call);
}

/** prctl: PR_SET_MM_ARG_START and its like. */
export function changesCmdline(call: string): boolean {
  return EXECUTE.includes(call) || call === "prctl";
}

/** Of what is needed. */
export function changedLinks(call: string, needs: Needs): Link[] {
  const links: Link[] = [];
  if (needs.variables.has("EXE") && CHANGING_EXE.has(call)) links.push("exe");
  if (needs.variables.has("CWD") && CHANGING_CWD.has(call)) links.push("cwd");
  if (needs.variables.has("MNTNS") && CHANGING_MOUNTS.has(call)) links.push("ns/mnt");
  return links;
}

function words(text: string): string[] {
  return text.split(" ");
}
