/** The deciding program in the running kernel, by BPF_PROG_TEST_RUN. */
import { type BpfMap, loadProgram } from "../../src/bpf/index.ts";
import { NO_AREA } from "../../src/compiler/final-program.ts";
import { openCompiledMap } from "../../src/engines/kernel/loading/objects.ts";
import { ownCaller, type TestCaller } from "./caller.ts";
import { ownOpenFiles } from "./open-files.ts";
import type { OpenDecider } from "./run.ts";

const ATTEMPTS = 1000;
/** This process, which makes all calls. */
let own: TestCaller | undefined;

export const decideInKernel: OpenDecider = ({ code, maps: compiled }) => {
  own ??= ownCaller();
  const maps = new Map<string, BpfMap>();
  const closeMaps = (): void => {
    for (const map of maps.values()) map.close();
  };
  try {
    for (const map of compiled) maps.set(map.name, openCompiledMap(map));
    const program = loadProgram({ name: "sct_final", type: "raw_tracepoint", code }, { maps });
    const files = ownOpenFiles();
    return {
      callers: [own],
      openFile: files.find,
      decide: (input) => {
        maps.get("sct_input")?.update(0, input);
        // where memory for the thread cannot be had at once (it is asked for without waiting), the call is tried again
        for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
          const { retval } = program.testRun({ context: [0n, 0n] });
          if (retval !== NO_AREA) return retval >>> 0;
        }
        throw new Error("the kernel has no memory for task storage");
      },
      close: () => {
        program.close();
        files.close();
        closeMaps();
      },
    };
  } catch (error) {
    closeMaps();
    throw error;
  }
};
