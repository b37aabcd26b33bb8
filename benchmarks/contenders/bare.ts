import { pinned, readTimes, triggerCommand } from "../trigger.ts";
import type { Contender } from "./contender.ts";
import { Tool } from "./tool.ts";

/** Nobody watches. */
export const bare: Contender = {
  name: "bare",
  version: "",
  async run(_watch, loop) {
    const tool = new Tool([...pinned, ...triggerCommand(loop)], "pipe");
    await tool.ended;
    const { callNs } = readTimes(tool.stdout, loop);
    return { callNs, loadMs: 0, totalMs: 0, peakKib: 0, reportedLost: 0 };
  },
};
