/** The life of the service process: ready, signals, end. */
import { getPriority, setPriority } from "node:os";
import { ENGINES } from "../engines/engines.ts";
import { keepHeapSmall, releaseMemory, releaseUnused } from "./garbage.ts";
import { notifySystemd, reportStart } from "./notify.ts";
import type { Paths } from "./paths.ts";
import { keepLogSmall } from "./run-files/service-log.ts";
import { Service } from "./service.ts";

/**
 * A busy machine that lets the service wait for a processor loses events: the ring holds those of a second or two.
 * What the service takes is bounded by the events that there are.
 */
const NICE = -10;
/** Between looks at the log and at memory. */
const KEEP_SMALL_MS = 10_000;

export interface RunningService {
  /** Resolves when the service has ended as it should; rejects when it cannot continue. */
  readonly ended: Promise<void>;
}

/** Returns when the service is ready; throws when it cannot be. */
export async function runService(
  paths: Paths,
  version: string,
  report: (line: string) => void,
): Promise<RunningService> {
  process.title = "syscalltrackd";
  // before the first is used: a file system or a name server that does not answer holds one for each output
  process.env["UV_THREADPOOL_SIZE"] ??= "16";
  // a log on a full disk ends nothing
  process.stderr.on("error", () => {});
  takePrecedence();
  keepHeapSmall();
  const service = await Service.open({
    paths,
    version,
    report,
    openEngine: async ({ pinDir, runDir }, { bytes: ringBytes, latencyMs }) => {
      const opened = await ENGINES.resident.open({ pinDir, runDir, ringBytes, latencyMs });
      return opened.engine;
    },
  });
  // rules keep acting: only `sct unload` takes them away
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.on(signal, () => {
      notifySystemd("STOPPING=1");
      void service.stop();
    });
  }
  process.on("SIGHUP", () => {
    keepLogSmall(paths);
    void service.reload();
  });
  setInterval(() => {
    keepLogSmall(paths);
    // what the thread that loads has in memory makes it take long
    if (!service.isLoading) releaseUnused();
  }, KEEP_SMALL_MS).unref();
  notifySystemd(`READY=1\nSTATUS=${service.ruleNames.length} rules in force`);
  const lines = service.problems;
  if (!reportStart({ ok: true, pid: process.pid, rules: service.ruleNames.length, lines })) {
    report(`ready, process ${process.pid}, ${service.ruleNames.length} rules in force`);
  }
  void releaseMemory();
  const ended = service.ended.then((how) =>
    report(how === "stopped" ? "ended; rules keep acting until 'sct unload'" : "unloaded"),
  );
  return { ended };
}

/** Only where the service was started at the default nice level: another one was chosen on purpose. */
function takePrecedence(): void {
  if (getPriority() !== 0) return;
  try {
    setPriority(NICE);
  } catch {
    // without the capability it works as well, as long as the machine is not busy
  }
}
