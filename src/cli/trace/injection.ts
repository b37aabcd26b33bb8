/** `-e inject=SET[:error=E][:retval=N][:signal=S][:delay_enter=T][:when=W]…`. */
import type { Injection } from "../../engines/strace/index.ts";
import { TraceUsageError } from "./usage-error.ts";

export function readInjection(text: string): readonly Injection[] {
  throw new TraceUsageError(`-e inject=${text} is not done by sctrace`);
}
