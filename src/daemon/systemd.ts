/** Where systemd runs and knows the service, it starts it: with the unit's limits, and again after a crash. */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { MachineError } from "../sys/index.ts";
import type { Paths } from "./paths.ts";

const UNIT = "syscalltrackd.service";
/** As sd_booted(3) has it. */
const BOOTED = "/run/systemd/system";

export class UnitError extends MachineError {
  readonly code = "unit";
}

/** Whether the instance is the one that systemd's unit is for, also if nobody may start that. */
export function hasUnit({ movedTo }: Pick<Paths, "movedTo">): boolean {
  if (movedTo !== undefined || !existsSync(BOOTED)) return false;
  const args = ["show", "--property=LoadState", "--value", UNIT];
  const { status, stdout } = spawnSync("systemctl", args, { encoding: "utf8" });
  return status === 0 && ["loaded", "masked"].includes(stdout.trim());
}

/** Returns when the service is ready. Throws UnitError. */
export function startUnit(): void {
  const { status, stderr, error } = spawnSync("systemctl", ["start", UNIT], { encoding: "utf8" });
  if (status === 0) return;
  const reason = error?.message ?? stderr.trim().split("\n")[0];
  throw new UnitError(`Cannot start ${UNIT}: ${reason}`, `See 'journalctl --unit ${UNIT}'`);
}
