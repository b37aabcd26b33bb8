/** Numbers and events of rules of its own in the kernel, for `sct top`. */
import { bootOffsetNs, eventNames } from "../../engines/context/index.ts";
import type { KernelEngine } from "../../engines/kernel/index.ts";
import { EventDecoder, WallClock } from "../../events/index.ts";
import type { CheckedRule } from "../../language/index.ts";
import type { TopSource } from "../../views/index.ts";
import { printNotice } from "../notice.ts";
import { leftStopped } from "../watch/left-stopped.ts";

/** Closes the engine, which has these rules, with itself, and names the processes that stay stopped. */
export function engineSource(engine: KernelEngine, rules: readonly CheckedRule[]): TopSource {
  const context = { clock: new WallClock(bootOffsetNs()), names: eventNames(), generation: 1 };
  const decoder = new EventDecoder(engine.sites, context);
  return {
    counters: async () => engine.counters().rules,
    async poll(sink, timeoutMs) {
      const record = (memory: Uint8Array, offset: number, length: number): void =>
        sink.see(() => decoder.decode(memory, offset, length));
      await engine.events({ record }, timeoutMs);
    },
    close() {
      engine.detach();
      try {
        const stopped = leftStopped(rules);
        if (stopped !== undefined) printNotice("sct top", stopped);
      } finally {
        engine.close();
      }
    },
  };
}
