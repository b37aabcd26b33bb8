/** Whether the kernel takes the path of the control socket: nobody can listen at one that is too long, or connect. */
import { MachineError } from "../../sys/index.ts";

/** Bytes of sun_path without the NUL. */
const MAX_SOCKET_PATH = 107;

export class SocketPathError extends MachineError {
  readonly code = "socket_path";

  constructor(path: string) {
    super(
      `Cannot make socket ${path}: its path is longer than ${MAX_SOCKET_PATH} bytes`,
      "Choose a state directory with a shorter name",
    );
  }
}

/** Throws SocketPathError. */
export function checkSocketPath(path: string): void {
  if (Buffer.byteLength(path) > MAX_SOCKET_PATH) throw new SocketPathError(path);
}
