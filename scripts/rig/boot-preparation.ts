// What a guest that systemd boots needs of the host: the package, built from the checkout, and a script that installs it.

import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CHECKOUT } from "./guest-environment.ts";
import type { GuestCommand } from "./initramfs.ts";

const SCRIPT = "test/systemd/machine/prepare.sh";

export class BootPreparation {
  readonly #folder = mkdtempSync(join(tmpdir(), "sct-package-"));
  /** For the guest, which sees the host's files at the same paths. */
  readonly env: Readonly<Record<string, string>>;

  constructor() {
    // not compressed: the emulator would unpack it for a minute
    const options = ["--out", this.#folder, "--compression", "none"];
    const builder = join(CHECKOUT, "scripts/package/main.ts");
    const output = execFileSync(process.execPath, [builder, ...options], { encoding: "utf8" });
    this.env = { SCT_PACKAGE: output.trim() };
  }

  command(env: Readonly<Record<string, string>>): GuestCommand {
    return { argv: ["/bin/sh", SCRIPT], cwd: CHECKOUT, env: { ...env, ...this.env } };
  }

  close(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
