/**
 * Where everything of one instance is. Two instances, or a test and the machine's own, never meet: one directory
 * moves all of it, the pins in bpffs included. Only root may look into any of these directories (0700).
 */
import { realpathSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";

export interface Paths {
  /** Programs, links and maps, in bpffs: what is pinned here outlives the service. */
  readonly pinDir: string;
  /** Socket, lock and what else is gone after a reboot. */
  readonly runDir: string;
  /** Rules in force and history. */
  readonly stateDir: string;
  /** What the administrator writes. */
  readonly configDir: string;
  readonly socket: string;
  /** For members of the group that may read, where one is configured. */
  readonly readSocket: string;
  /** Held by the running service; its content is the service's pid. */
  readonly lock: string;
  /** Output of a service that was not started by systemd. */
  readonly serviceLog: string;
  /** Rules in force, as `sct config download` prints them. */
  readonly rules: string;
  /** What goes back into force unless the rules are confirmed in time. */
  readonly revert: string;
  readonly history: string;
  /** What is still to be reported of events that found no room. */
  readonly notStored: string;
  /** Rules that are loaded where no rules were in force before: every *.conf, by name. */
  readonly rulesDir: string;
  /** Outputs and limits. */
  readonly config: string;
  /** Directory that moved them; undefined: they are where the machine's own service has them. */
  readonly movedTo: string | undefined;
}

/** Environment variable that moves everything, as the option --state-dir does. */
export const STATE_DIR_VARIABLE = "SCT_STATE_DIR";

/** Where bpffs is mounted, by convention of all its users. */
export const BPFFS = "/sys/fs/bpf";

/** `directory`: value of --state-dir; without it the environment decides. */
export function findPaths(directory = process.env[STATE_DIR_VARIABLE]): Paths {
  if (directory === undefined || directory === "") {
    return derive(
      "/var/lib/syscalltrack",
      "/run/syscalltrack",
      "/etc/syscalltrack",
      join(BPFFS, "syscalltrack"),
      undefined,
    );
  }
  const real = realPath(resolve(directory));
  // loaded here: the machine's own instance has no use for it, and every command would wait for it
  const { createHash } = process.getBuiltinModule("node:crypto");
  const hash = createHash("sha256").update(real).digest("hex").slice(0, 12);
  return derive(
    join(real, "state"),
    join(real, "run"),
    join(real, "etc"),
    join(BPFFS, `syscalltrack-${hash}`),
    real,
  );
}

/** The same directory by another name is the same instance, also before it exists. */
function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    const parent = dirname(path);
    return parent === path ? path : join(realPath(parent), basename(path));
  }
}

function derive(
  stateDir: string,
  runDir: string,
  configDir: string,
  pinDir: string,
  movedTo: string | undefined,
): Paths {
  return {
    pinDir,
    runDir,
    stateDir,
    configDir,
    socket: join(runDir, "control.sock"),
    readSocket: join(runDir, "read.sock"),
    lock: join(runDir, "lock"),
    serviceLog: join(runDir, "service.log"),
    rules: join(stateDir, "rules.conf"),
    revert: join(stateDir, "revert.json"),
    history: join(stateDir, "history.db"),
    notStored: join(runDir, "not-stored.json"),
    rulesDir: join(configDir, "rules.d"),
    config: join(configDir, "syscalltrack.toml"),
    movedTo,
  };
}
