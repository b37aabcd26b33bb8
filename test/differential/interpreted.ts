/** The deciding program in our interpreter: no root, no kernel. */
import type { Assembled } from "../../src/bpf/asm/index.ts";
import { type Cpu, VmKernel } from "../../src/bpf/vm/index.ts";
import { Arena, NOWHERE_SIZE } from "./arena.ts";
import { SIMULATED, simulatedCaller } from "./caller.ts";
import { openSimulated } from "./open-files.ts";
import type { OpenDecider } from "./run.ts";

const SIZE = 1 << 20;

/** Where programs of both ABIs could have it. */
export function plainArena(): Arena {
  return new Arena(0x4000_0000, new Uint8Array(SIZE), 2 ** 32 - NOWHERE_SIZE);
}

/** The processor that runs the program, which knows what was executed. */
export type OnOpen = (cpu: Cpu, code: Assembled) => void;

export function decideInterpreted(arena: Arena, onOpen?: OnOpen): OpenDecider {
  return ({ code, maps, asksForCaller }) => {
    const kernel = new VmKernel();
    for (const map of maps) kernel.addMap(map);
    kernel.user = arena;
    const callers = asksForCaller ? SIMULATED : SIMULATED.slice(0, 1);
    const { tasks, openFile } = openSimulated(kernel, callers);
    const cpu = kernel.load(code);
    onOpen?.(cpu, code);
    const input = kernel.maps.get("sct_input");
    if (input === undefined) throw new Error("the program has no input");
    return {
      callers: callers.map(simulatedCaller),
      openFile,
      decide: (bytes, caller) => {
        kernel.task = tasks[caller] as bigint;
        kernel.memory.at(input.first, bytes.length).set(bytes);
        return Number(BigInt.asUintN(32, cpu.run(0n)));
      },
      close: () => undefined,
    };
  };
}
