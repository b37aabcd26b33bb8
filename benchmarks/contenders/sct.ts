/** `sct watch`: started first, sees the trigger because it sees all processes. */
import { closeSync, openSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { buildPackage } from "../package.ts";
import { pinned, readTimes, triggerCommand, workplace } from "../trigger.ts";
import type { Contender } from "./contender.ts";
import { Tool, versionOf } from "./tool.ts";

const program = buildPackage();
const version = versionOf(program, "--version");

export const sctText = sct("sct watch", []);
export const sctJson = sct("sct watch --json", ["--json"]);

function sct(name: string, options: readonly string[]): Contender {
  return {
    name,
    version,
    async run({ rules }, loop, output) {
      const file = join(workplace, "rules.conf");
      writeFileSync(file, rules);
      const fd = openSync(output, "w");
      const watch = new Tool([program, "watch", "-f", file, ...options], fd);
      closeSync(fd);
      await watch.printed("sct: watching");
      const readyNs = process.hrtime.bigint();
      const trigger = new Tool([...pinned, ...triggerCommand(loop)], "pipe");
      await trigger.ended;
      const { startNs, callNs } = readTimes(trigger.stdout, loop);
      watch.sampleMemory();
      watch.child.kill("SIGINT");
      await watch.ended;
      return {
        callNs,
        loadMs: Number(readyNs - watch.startedNs) / 1e6,
        totalMs: Number(watch.endedNs - startNs) / 1e6,
        peakKib: watch.peakKib,
        reportedLost: reportedLost(watch.stderr),
      };
    },
  };
}

/** Nothing is said about losses when there are none. */
function reportedLost(text: string): number {
  return [...text.matchAll(/(\d+) (?:lost|events lost|events missing|runs of rules)/g)].reduce(
    (sum, [, count]) => sum + Number(count),
    0,
  );
}
