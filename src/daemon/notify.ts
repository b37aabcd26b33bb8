/** Reports to the starter that the service is ready: systemd by its notification socket, `sct load` by a pipe. */
import { closeSync, writeSync } from "node:fs";
import { errnoName, UnixDatagram } from "../sys/index.ts";

/** Environment variable with the number of the pipe's descriptor. */
export const READY_VARIABLE = "SCT_READY_FD";

/** The report of a service to the `sct load` that started it. */
export type StartReport =
  | {
      readonly ok: true;
      readonly pid: number;
      readonly rules: number;
      readonly lines: readonly string[];
    }
  | {
      readonly ok: false;
      readonly exitCode: number;
      /** Of the error, if the machine said no. */
      readonly code?: string;
      readonly lines: readonly string[];
    };

/** `READY=1`, `RELOADING=1`, `STOPPING=1`, `STATUS=…`; without systemd nothing happens. */
export function notifySystemd(state: string): void {
  const socket = process.env["NOTIFY_SOCKET"];
  if (socket === undefined || socket === "") return;
  try {
    const datagram = UnixDatagram.connect(socket);
    const errno = datagram.send(Buffer.from(state));
    datagram.close();
    if (errno !== 0)
      process.stderr.write(`cannot notify systemd: ${errnoName(errno)}
`);
  } catch (error) {
    // systemd continues without it, and stops us if it waited for this
    process.stderr.write(`cannot notify systemd: ${(error as Error).message}\n`);
  }
}

/** Once; the process that waits may have gone. */
export function reportStart(report: StartReport): boolean {
  const fd = Number(process.env[READY_VARIABLE] ?? "");
  if (!Number.isInteger(fd) || fd < 3) return false;
  delete process.env[READY_VARIABLE];
  try {
    writeSync(fd, `${JSON.stringify(report)}\n`);
    closeSync(fd);
  } catch {
    // nobody waits any more
  }
  return true;
}
