/**
 * A copy of this machine to install packages on: its root file system under an overlay in memory, in a mount namespace
 * of its own. dpkg does there what it does on a machine, and nothing of it reaches this one. The kernel is the same.
 */
import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, rmdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { createInterface } from "node:readline";

export interface Ran {
  readonly status: number | null;
  /** Standard output and error, as they came. */
  readonly output: string;
}

export class Machine {
  private readonly directory: string;
  private readonly holder: ChildProcess;

  private constructor(directory: string, holder: ChildProcess) {
    this.directory = directory;
    this.holder = holder;
  }

  static async open(): Promise<Machine> {
    const directory = mkdtempSync(join(tmpdir(), "sct-machine-"));
    const setup = `
      set -e
      mount -t tmpfs -o size=2G tmpfs ${directory}
      cd ${directory}
      mkdir upper work root
      mount -t overlay -o lowerdir=/,upperdir=upper,workdir=work overlay root
      for part in proc sys dev; do mount --rbind /$part root/$part; done
      # a service of systemd on this machine is not one of the copy
      mount -t tmpfs tmpfs root/run
      mount -t tmpfs tmpfs root/tmp
      rm -rf root/var/lib/syscalltrack root/etc/syscalltrack
      echo ready
      exec sleep infinity`;
    const holder = spawn("unshare", ["--mount", "--propagation", "private", "sh", "-c", setup], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    await new Promise<void>((resolve, reject) => {
      createInterface(holder.stdout).on("line", () => resolve());
      holder.once("exit", () => reject(new Error("cannot make a copy of this machine")));
    });
    return new Machine(directory, holder);
  }

  /** Runs a shell command as root of the copy. */
  run(command: string, environment: Readonly<Record<string, string>> = {}): Ran {
    const enter = ["--target", String(this.holder.pid), "--mount", "chroot"];
    const result = spawnSync(
      "nsenter",
      [...enter, join(this.directory, "root"), "sh", "-c", `exec 2>&1\n${command}`],
      {
        encoding: "utf8",
        cwd: "/",
        timeout: 300_000,
        maxBuffer: 1 << 26,
        env: {
          PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
          HOME: "/root",
          LC_ALL: "C.UTF-8",
          DEBIAN_FRONTEND: "noninteractive",
          ...environment,
        },
      },
    );
    return { status: result.status, output: result.stdout };
  }

  /** Puts a file of this machine into the copy's /tmp; gives its name there. */
  take(path: string): string {
    const name = `/tmp/${basename(path)}`;
    // the descriptor leads to the file from inside, where its name leads elsewhere
    const file = openSync(path, "r");
    try {
      const enter = ["--target", String(this.holder.pid), "--mount", "chroot"];
      const write = [join(this.directory, "root"), "sh", "-c", 'exec cat >"$1"', "sh", name];
      execFileSync("nsenter", [...enter, ...write], { stdio: [file, "inherit", "inherit"] });
    } finally {
      closeSync(file);
    }
    return name;
  }

  async close(): Promise<void> {
    const ended = new Promise((resolve) => this.holder.once("exit", resolve));
    this.holder.kill("SIGKILL");
    await ended;
    rmdirSync(this.directory);
  }
}
