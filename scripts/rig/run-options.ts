import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { RigError } from "./rig-error.ts";

/** Until a command starts in a guest. A machine of one's own takes 10, one that others use much longer. */
export const DEFAULT_BOOT_TIMEOUT_S = 90;

export const RUN_USAGE = `Usage: node scripts/vm/run.ts [OPTION]... -- COMMAND [ARGUMENT]...
Run COMMAND as root in a guest on the files of this machine, which it sees but cannot change.

  --kernel NAME|PATH   debian-6.1, debian-6.12, errinj-6.12 or a bzImage; may end in
                       +argument=value (default debian-6.12); with +init=systemd the guest is
                       booted by systemd, and COMMAND is run when it has come up
  --append ARGUMENTS   more kernel arguments, such as "preempt=full lockdown=integrity"
  --before SCRIPT      shell lines to run before systemd boots
  --env NAME[=VALUE]   set in the guest; without a value, take the one from here
  --writable FOLDER    let the guest write to this folder, which has the same path there
  --timeout SECONDS    end the guest if the command runs longer (default 600)
  --boot-timeout SECONDS  end the guest if it takes longer to start the command (default ${DEFAULT_BOOT_TIMEOUT_S})
  --memory MEGABYTES   (default 2048)
  --time               say at the end how long the boot and the command took

Exit status: the command's; 124 after a timeout, 125 if the guest crashed, 3 if it cannot be started.
`;

export interface RunOptions {
  readonly kernel: string;
  readonly append: readonly string[];
  readonly before: string | undefined;
  readonly env: readonly string[];
  readonly writable: readonly string[];
  readonly timeoutMs: number;
  readonly bootTimeoutMs: number;
  readonly memoryMb: number;
  readonly time: boolean;
  readonly command: readonly string[];
}

export function parseRunOptions(args: readonly string[]): RunOptions {
  const dashes = args.indexOf("--");
  const command = dashes < 0 ? [] : args.slice(dashes + 1);
  if (command.length === 0) throw new RigError("usage", RUN_USAGE.trimEnd());
  const values = parseOptions(args.slice(0, dashes));
  return {
    kernel: values.kernel,
    append: values.append.flatMap((words) => words.split(/\s+/)).filter(Boolean),
    before: values.before,
    env: values.env,
    writable: values.writable.map((path) => resolve(path)),
    timeoutMs: positive("--timeout", values.timeout) * 1000,
    bootTimeoutMs: positive("--boot-timeout", values["boot-timeout"]) * 1000,
    memoryMb: positive("--memory", values.memory),
    time: values.time,
    command,
  };
}

function parseOptions(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        kernel: { type: "string", default: "debian-6.12" },
        append: { type: "string", multiple: true, default: [] },
        before: { type: "string" },
        env: { type: "string", multiple: true, default: [] },
        writable: { type: "string", multiple: true, default: [] },
        timeout: { type: "string", default: "600" },
        "boot-timeout": { type: "string", default: `${DEFAULT_BOOT_TIMEOUT_S}` },
        memory: { type: "string", default: "2048" },
        time: { type: "boolean", default: false },
      },
    }).values;
  } catch (cause) {
    throw new RigError("usage", (cause as Error).message, undefined, cause);
  }
}

function positive(option: string, text: string): number {
  const number = Number(text);
  if (number > 0) return number;
  throw new RigError("usage", `Cannot use "${text}" as ${option}: a positive number is wanted`);
}
