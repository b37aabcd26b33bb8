/** What the service does for a command that waits for it is shown on a terminal. */
import { setTimeout as sleep } from "node:timers/promises";
import type { LoadingStatus, Paths } from "../../daemon/index.ts";
import { ask } from "../../daemon/socket/client.ts";
import { loadingText } from "../loading-text.ts";
import { ProgressLine } from "../progress-line.ts";

const EVERY_MS = 500;

/** Waits for `work`; meanwhile a terminal shows how far the service is with loading rules. */
export async function showingProgress<T>(paths: Paths, work: Promise<T>): Promise<T> {
  if (!process.stderr.isTTY) return work;
  let loading: LoadingStatus | null = null;
  const line = new ProgressLine(() =>
    loading === null ? "waiting for the service" : loadingText(loading.rules, loading),
  );
  const ended = new AbortController();
  void (async () => {
    while (!ended.signal.aborted) {
      loading = await loadingOf(paths);
      await sleep(EVERY_MS, undefined, { ref: false });
    }
  })();
  try {
    return await work;
  } finally {
    ended.abort();
    line.end();
  }
}

async function loadingOf(paths: Paths): Promise<LoadingStatus | null> {
  try {
    const answer = await ask(paths, "status", { counts: false });
    return answer.ok ? answer.loading : null;
  } catch {
    // a user who waits longer than this sees it
    return null;
  }
}
