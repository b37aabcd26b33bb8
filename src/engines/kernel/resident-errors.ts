/** What a resident engine meets that others have in hand. */
import { type BpfMap, mapInfo } from "../../bpf/index.ts";
import { MachineError } from "../../sys/index.ts";
import { findHolders, findPins, type Held, type Holder } from "./holders.ts";

/** Other programs hold what must be gone. */
export class HeldError extends MachineError {
  readonly code = "busy";
  readonly holders: readonly Holder[];

  constructor(holders: readonly Holder[], pins: readonly string[]) {
    const all = [
      ...holders.map(({ pid, comm }) => `process ${pid} (${comm})`),
      ...pins.map((path) => `the pin ${path}`),
    ];
    super("Device or resource busy", `The rules' maps or programs are held by ${all.join(", ")}`);
    this.holders = holders;
  }
}

/** Its lock is gone, perhaps with its directory, and it is not: two would share one ring, and have each event twice. */
export class OwnedError extends MachineError {
  readonly code = "running";

  constructor(pid: number) {
    super(
      `the service is running already (process ${pid}), and its lock was removed`,
      `It makes its lock again within seconds. If it does not, end it with 'kill ${pid}': its rules keep acting, and 'sct load' takes them over`,
    );
  }
}

/** Throws HeldError while another program, or a pin outside `pinDir`, holds one of them. */
export function requireUnheld(
  maps: readonly BpfMap[],
  programIds: readonly number[],
  pinDir: string,
): void {
  const held: Held = {
    mapIds: new Set(maps.map((map) => mapInfo(map).id)),
    programIds: new Set(programIds),
  };
  const holders = findHolders(held);
  const pins = findPins(held, pinDir);
  if (holders.length + pins.length > 0) throw new HeldError(holders, pins);
}
