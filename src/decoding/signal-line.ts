/** What a signal brings, for the line of its own that it has. */
import { type DecodeContext, Decoding } from "./context.ts";
import { formatSiginfo } from "./value/siginfo.ts";

/** `{si_signo=SIGCHLD, si_code=CLD_EXITED, si_pid=7, …}` of the 128 bytes that PTRACE_GETSIGINFO gives. */
export function decodeSiginfo(context: DecodeContext, bytes: Uint8Array): string {
  return formatSiginfo(new Decoding(context), bytes);
}
