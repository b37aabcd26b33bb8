// What the guest starts from: busybox, modules, /etc, scripts and the command, packed for every boot (~6 MB).

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { findStaticBusybox } from "./busybox.ts";
import { type CpioEntry, writeCpio } from "./cpio.ts";
import { readEtc } from "./etc.ts";
import type { Kernel } from "./kernels.ts";
import { readNeededModules } from "./modules.ts";
import type { WritableFolder } from "./qemu.ts";

export interface GuestCommand {
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

export interface GuestWork {
  readonly command: GuestCommand;
  /** Run before systemd boots, where it does: nothing is mounted then but the file systems that hold files. */
  readonly before?: GuestCommand;
}

export function buildInitramfs(
  kernel: Kernel,
  { command, before }: GuestWork,
  writable: readonly WritableFolder[],
): Buffer {
  const busybox = findStaticBusybox();
  const modules = kernel.modules ? readNeededModules(kernel.modules, busybox) : [];
  const folders = ["bin", "dev", "proc", "lower", "layer", "new", "modules", "vm"];
  const entries: CpioEntry[] = [
    ...folders.map((name) => ({ kind: "directory", name }) as const),
    { kind: "character-device", name: "dev/console", major: 5, minor: 1 },
    { kind: "file", name: "bin/busybox", data: readFileSync(busybox), mode: 0o755 },
    { kind: "file", name: "init", data: guestFile("init.sh"), mode: 0o755 },
    { kind: "file", name: "etc.cpio", data: writeCpio(readEtc()) },
    ...readdirSync(GUEST_FILES).map(
      (name) => ({ kind: "file", name: `vm/${name}`, data: guestFile(name) }) as const,
    ),
    { kind: "file", name: "vm/command.sh", data: commandScript(command) },
    {
      kind: "file",
      name: "vm/writable",
      data: writable.map(({ tag, path }) => `${tag} ${path}\n`).join(""),
    },
    // The shell sorts by name: the number keeps the loading order.
    ...modules.map(({ name, data }, index) => {
      const number = String(index).padStart(2, "0");
      return { kind: "file", name: `modules/${number}-${name}.ko`, data } as const;
    }),
  ];
  if (before) entries.push({ kind: "file", name: "vm/before.sh", data: commandScript(before) });
  if (kernel.modules) entries.push({ kind: "file", name: "vm/modules", data: kernel.modules });
  return writeCpio(entries);
}

/**
 * Runs the command with exactly this environment; it replaces the shell, so its pid and comm are its own.
 * Not with busybox's env, which prefers its own rm, sh … to the machine's.
 */
export function commandScript({ argv, cwd, env }: GuestCommand): string {
  const assignments = Object.entries(env).map(([name, value]) => `${name}=${value}`);
  const words = ["-i", ...assignments, ...argv].map(quote).join(" ");
  return `cd ${quote(cwd)} || exit 125\nexec /usr/bin/env ${words}\n`;
}

function quote(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}

const GUEST_FILES = join(import.meta.dirname, "guest");

function guestFile(name: string): Buffer {
  return readFileSync(join(GUEST_FILES, name));
}
