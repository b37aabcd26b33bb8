// One guest from power-on to its command's exit status. The guest keeps nothing, so it is never shut down
// in order: once its status and all of its output are here, QEMU is killed.

import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { constants, tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";
import { Console } from "./console.ts";
import { buildInitramfs, type GuestWork } from "./initramfs.ts";
import type { Kernel } from "./kernels.ts";
import { Ports } from "./ports.ts";
import { qemuArguments } from "./qemu.ts";
import { RigError } from "./rig-error.ts";

export interface GuestOptions extends GuestWork {
  readonly kernel: Kernel;
  /** Host folders that the guest may write, at the same paths. */
  readonly writable?: readonly string[];
  readonly memoryMb?: number;
  /** From power-on to the command's start. */
  readonly bootTimeoutMs: number;
  /** From the command's start to its exit. */
  readonly timeoutMs: number;
  readonly stdin?: Readable;
  readonly stdout: Writable;
  readonly stderr: Writable;
}

interface Times {
  readonly bootMs: number;
  readonly commandMs: number;
}

export type GuestResult = Times & {
  /** Kernel warnings seen on the console. */
  readonly warnings: readonly string[];
} & (
    | { readonly outcome: "exited"; readonly status: number }
    /** The guest ended, or had to be ended, without a status. */
    | { readonly outcome: "crashed" | "timeout"; readonly message: string; readonly tail: string }
  );

/** All of the output should follow the status within this time. */
const DRAIN_MS = 10_000;
const SIGNALS = ["SIGHUP", "SIGINT", "SIGTERM"] as const;
const QEMU = "qemu-system-x86_64";

export async function runInGuest(options: GuestOptions): Promise<GuestResult> {
  requireQemu();
  const writable = (options.writable ?? []).map((path, index) => ({
    tag: `writable${index}`,
    path,
  }));
  const folder = mkdtempSync(join(tmpdir(), "sct-vm-"));
  const removeFolder = () => rmSync(folder, { recursive: true, force: true });
  const leave = (signal: NodeJS.Signals) => {
    removeFolder();
    process.exit(128 + constants.signals[signal]);
  };
  for (const signal of SIGNALS) process.once(signal, leave);
  try {
    const initramfs = join(folder, "initramfs");
    writeFileSync(initramfs, buildInitramfs(options.kernel, options, writable));
    const args = qemuArguments({
      image: options.kernel.image,
      initramfs,
      socketFolder: folder,
      append: options.kernel.append,
      writable,
      memoryMb: options.memoryMb ?? 2048,
    });
    return await superviseGuest(options, folder, args);
  } finally {
    removeFolder();
    for (const signal of SIGNALS) process.off(signal, leave);
  }
}

async function superviseGuest(
  options: GuestOptions,
  folder: string,
  args: string[],
): Promise<GuestResult> {
  const { promise, resolve } = Promise.withResolvers<GuestResult>();
  const log = new Console();
  const powerOn = performance.now();
  let ready: number | undefined;
  let exit: { status: number; out: number; err: number } | undefined;
  let timer: NodeJS.Timeout | undefined;

  const times = (): Times => {
    const now = performance.now();
    return { bootMs: (ready ?? now) - powerOn, commandMs: now - (ready ?? now) };
  };
  const end = (outcome: "crashed" | "timeout", message: string) =>
    resolve({ ...times(), warnings: log.warnings, outcome, message, tail: log.tail() });
  const endAfter = (ms: number, message: string) => {
    clearTimeout(timer);
    timer = setTimeout(() => end("timeout", message), ms);
  };
  const endIfComplete = () => {
    if (!exit || ports.received.out < exit.out || ports.received.err < exit.err) return;
    resolve({ ...times(), warnings: log.warnings, outcome: "exited", status: exit.status });
  };

  const ports = new Ports({
    out: options.stdout,
    err: options.stderr,
    in: options.stdin,
    progress: endIfComplete,
    status: (line) => {
      const [word, ...numbers] = line.split(" ");
      if (word === "ready") {
        ready = performance.now();
        endAfter(options.timeoutMs, `Command did not exit within ${options.timeoutMs / 1000} s`);
      } else if (word === "exit") {
        const [status = 0, out = 0, err = 0] = numbers.map(Number);
        exit = { status, out, err };
        endAfter(DRAIN_MS, `Output is incomplete ${DRAIN_MS / 1000} s after the command's exit`);
        endIfComplete();
      }
    },
  });
  await ports.listen(folder);

  const qemu = startQemu(args);
  let complaints = "";
  qemu.stdout?.setEncoding("utf8").on("data", (text: string) => log.push(text));
  qemu.stderr?.setEncoding("utf8").on("data", (text: string) => {
    complaints += text;
  });
  qemu.once("error", (cause) => end("crashed", `Cannot start ${QEMU}: ${cause.message}`));
  qemu.once("close", () => {
    const reason = log.crash ?? (complaints.trim() || "the machine was switched off");
    end("crashed", `Guest ended without a status: ${reason}`);
  });
  const { bootTimeoutMs } = options;
  endAfter(bootTimeoutMs, `Guest did not start the command within ${bootTimeoutMs / 1000} s`);

  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    qemu.kill("SIGKILL");
    ports.close();
  }
}

/** Under setpriv, QEMU dies with us however we die. */
function startQemu(args: string[]): ChildProcess {
  return spawn("setpriv", ["--pdeathsig", "KILL", "--", QEMU, ...args], {
    stdio: ["ignore", "pipe", "pipe"],
  });
}

function requireQemu(): void {
  try {
    execFileSync(QEMU, ["--version"], { stdio: "ignore" });
  } catch (cause) {
    throw new RigError("no_qemu", `Cannot run ${QEMU}`, "apt-get install qemu-system-x86", cause);
  }
}
