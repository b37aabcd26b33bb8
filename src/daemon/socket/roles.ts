/** What may be asked at which socket. */
import { failure } from "./answers.ts";
import { type ErrorAnswer, READING_OPERATIONS, type Request } from "./protocol.ts";

/** "admin": everything, at the control socket. "read": see, and change nothing. */
export type Role = "admin" | "read";

/** Why the request is refused; undefined: it is not. */
export function refusal(request: Request, role: Role): ErrorAnswer | undefined {
  if (role === "admin") return undefined;
  if (!READING_OPERATIONS.has(request.op))
    return failure("machine", "privilege", `${request.op} needs root: this socket is for reading`);
  // the kernel would measure all programs of the machine
  if (request.op === "status" && request.measureMs !== undefined)
    return failure("machine", "privilege", "measuring needs root: this socket is for reading");
  return undefined;
}
