/** Waits for what another process or the event loop brings about. */
import { setTimeout as sleep } from "node:timers/promises";

const TIMEOUT_MS = 60_000;

/** Asks again and again until the answer is neither undefined nor false. */
export async function waitFor<T>(
  what: string,
  ask: () => T | Promise<T>,
): Promise<Exclude<T, undefined | false>> {
  const end = performance.now() + TIMEOUT_MS;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) {
      return answer as Exclude<T, undefined | false>;
    }
    if (performance.now() > end) throw new Error(`Waited in vain for ${what}`);
    await sleep(10);
  }
}
