/** Folders that are never proposed with all that is below: they belong to everybody, or hold everything. */
import { belowHome, HOMES, holdsGuarded } from "./guarded.ts";

const NEVER: ReadonlySet<string> = new Set([
  "/",
  "/usr",
  "/usr/lib",
  "/usr/share",
  "/usr/local",
  "/usr/local/lib",
  "/usr/local/share",
  "/lib",
  "/etc",
  "/opt",
  "/srv",
  "/home",
  "/root",
  "/mnt",
  "/media",
  "/tmp",
  "/var",
  "/var/tmp",
  "/var/lib",
  "/var/cache",
  "/var/log",
  "/run",
  "/run/user",
  "/dev",
  "/dev/shm",
  "/proc",
  "/sys",
  "/boot",
  ...HOMES,
]);

/** Folders of a home that programs share. */
const SHARED = /^\.(?:config|cache|local|local\/share|local\/state|local\/lib|var)$/;
const PROCESS = /^\/proc\/(?:\[0-9\]\*|\d+)(?:\/|$)/;

/** `folder`: a name, or a pattern. */
export function isNeverWhole(folder: string, home: string): boolean {
  if (NEVER.has(folder) || folder === home || PROCESS.test(folder)) return true;
  if (/^\/home\/[^/]+$/.test(folder) || /^\/run\/user\/[^/]+$/.test(folder)) return true;
  const inHome = belowHome(folder, home);
  if (inHome !== undefined && SHARED.test(inHome)) return true;
  // a home below it would be opened with it
  return home.startsWith(`${folder}/`) || holdsGuarded(folder, home);
}
