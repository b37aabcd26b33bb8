/** The file system of pins: mounted where it is missing. */
import { mkdirSync, statfsSync } from "node:fs";
import { MachineError, mount } from "../../sys/index.ts";
import { BPFFS } from "../paths.ts";

const BPF_FS_MAGIC = 0xcafe4a11;

export class BpffsError extends MachineError {
  readonly code = "bpffs";
}

/** Mounts bpffs unless it is there. Throws BpffsError with what to do. */
export function ensureBpffs(directory = BPFFS): void {
  if (isBpffs(directory)) return;
  try {
    mkdirSync(directory, { recursive: true });
    mount("bpf", directory);
  } catch (error) {
    throw new BpffsError(
      `Cannot keep rules in the kernel: no bpffs is mounted on ${directory}`,
      `Mount it with 'mount -t bpf bpf ${directory}'; in a container, give it that of the host`,
      error,
    );
  }
}

function isBpffs(directory: string): boolean {
  try {
    return statfsSync(directory).type === BPF_FS_MAGIC;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return false;
    throw error;
  }
}
