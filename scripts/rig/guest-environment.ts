import { join, resolve } from "node:path";

/** The checkout; its tools come first in the guest's PATH. */
export const CHECKOUT = resolve(import.meta.dirname, "..", "..");

/** Taken over from the host when set; SCT_* too. All else stays outside, so that guests are alike. */
const INHERITED = [
  "LANG",
  "LC_ALL",
  "TERM",
  "TZ",
  "CI",
  "FORCE_COLOR",
  "NO_COLOR",
  "UPDATE_GOLDEN",
];

/** The environment of a command in the guest. `asked` holds NAME=VALUE, or NAME to take the host's value. */
export function guestEnvironment(
  host: NodeJS.ProcessEnv,
  asked: readonly string[] = [],
): Record<string, string> {
  const bin = join(CHECKOUT, "node_modules", ".bin");
  const { PATH = "/usr/sbin:/usr/bin:/sbin:/bin" } = host;
  const environment: Record<string, string> = {
    PATH: `${bin}:${PATH}`,
    HOME: "/root",
    USER: "root",
    LOGNAME: "root",
    SHELL: "/bin/sh",
    // A plain tmpfs. The host's /tmp is there too, but its files are on an overlay.
    TMPDIR: "/run/tmp",
    // Every test file loads the same modules again, which takes the emulator many seconds.
    NODE_COMPILE_CACHE: "/run/tmp/node-compile-cache",
  };
  const take = (name: string) => {
    const value = host[name];
    if (value !== undefined) environment[name] = value;
  };
  for (const name of INHERITED) take(name);
  for (const name of Object.keys(host)) if (name.startsWith("SCT_")) take(name);
  for (const item of asked) {
    const equals = item.indexOf("=");
    if (equals < 0) take(item);
    else environment[item.slice(0, equals)] = item.slice(equals + 1);
  }
  return environment;
}
