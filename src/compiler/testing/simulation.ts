/**
 * A kernel's life of a call around compiled rules, in the interpreter: entry programs, security hooks, the call, exit
 * programs. Whatever decides on the way keeps the rest from happening, as in the kernel.
 */

import { type Cpu, VmKernel } from "../../bpf/vm/index.ts";
import type { CheckedRule } from "../../language/checked/index.ts";
import type { Abi } from "../../language/vocabulary.ts";
import { archOf, hookFunction, wordSize } from "../../linux/index.ts";
import type { CompiledRules, CompileOptions } from "../compile.ts";
import type { KernelFacts } from "../facts.ts";
import { ControlOffset } from "../layout/control.ts";
import {
  COUNTERS_SIZE,
  CounterOffset,
  RARE_COUNTERS_SIZE,
  RareCounterOffset,
} from "../layout/counters.ts";
import { MapName } from "../layout/map-names.ts";
import type { Machine } from "../machine.ts";
import type { CompiledProgram } from "../programs/attachment.ts";
import { compiledFor } from "./compiled.ts";
import { ROOT_SHELL, type SimulatedCaller, SimulatedObjects } from "./objects.ts";
import { SimulatedMemory } from "./process-memory.ts";

/** Text and bytes lie in the process's memory; `untouched` ones in a page that is not there yet. */
export type Argument =
  | bigint
  | number
  | string
  | Uint8Array
  | { readonly untouched: string | Uint8Array }
  /** Text over the end of a page, of which the next page has the rest. */
  | {
      readonly across: string;
      readonly inFirstPage: number;
      readonly rest: "untouched" | "unmapped";
    }
  /** A vector of pointers, with NULL behind them. */
  | { readonly list: readonly (string | bigint)[]; readonly isOpen?: true }
  /** A vector of struct iovec. */
  | { readonly pieces: readonly (string | { readonly at: bigint; readonly length: number })[] };

export interface SimulatedCall {
  /** From its entry to its return, 0 by default. */
  readonly takesNs?: bigint;
  readonly name: string;
  readonly nr: number;
  readonly abi?: Abi;
  readonly args?: readonly Argument[];
  /** Result of the call if nothing decides otherwise. */
  readonly retval?: bigint;
  /** What the call does before it returns, if it is made: to memory of the process. */
  readonly does?: () => void;
  /** Nothing of ours runs when it returns, as where the kernel skips a program. */
  readonly skipsExit?: boolean;
  /** Security hooks that the call reaches, in order, each with its arguments. */
  readonly hooks?: readonly (readonly [
    hook: string,
    args: (objects: SimulatedObjects) => readonly bigint[],
  ])[];
}

export interface SimulatedOutcome {
  /** What the caller gets. */
  readonly retval: bigint;
  /** The call itself was carried out. */
  readonly isMade: boolean;
  readonly records: readonly Uint8Array[];
  readonly signals: readonly number[];
}

const WORD = 8;

export class Simulation {
  readonly kernel = new VmKernel();
  readonly memory = new SimulatedMemory();
  readonly objects: SimulatedObjects;
  readonly compiled: CompiledRules;
  readonly #machine: Machine;
  readonly #facts: KernelFacts;
  readonly #programs: readonly { readonly of: CompiledProgram; readonly cpu: Cpu }[];

  constructor(
    rules: readonly CheckedRule[],
    machine: Machine,
    options: Partial<CompileOptions> = {},
    caller: Partial<SimulatedCaller> = {},
  ) {
    this.compiled = compiledFor(rules, machine, options);
    this.#machine = machine;
    this.#facts = machine.facts;
    for (const map of this.compiled.maps) this.kernel.addMap(map);
    this.kernel.user = this.memory;
    this.#programs = this.compiled.programs.map((of) => ({ of, cpu: this.kernel.load(of.code) }));
    this.objects = new SimulatedObjects(this.kernel.memory, this.#facts);
    this.kernel.task = this.objects.task({ ...ROOT_SHELL, ...caller });
    this.putInForce(this.compiled.generation);
  }

  /** Executed and all instructions of each program. */
  get coverage(): readonly { readonly name: string; readonly covered: Uint8Array }[] {
    return this.#programs.map(({ cpu }) => cpu);
  }

  /** Another caller from now on. */
  enter(caller: Partial<SimulatedCaller>): void {
    this.kernel.task = this.objects.task({ ...ROOT_SHELL, ...caller });
  }

  call(made: SimulatedCall): SimulatedOutcome {
    const { name, nr, abi = "x86_64", args = [], retval = 0n, hooks = [] } = made;
    const { kernel } = this;
    const records = kernel.records.length;
    const signals = kernel.signals.length;
    const registers = this.#registers(nr, abi, args);
    this.objects.setCompat(kernel.task, abi === "i386");
    let result = this.#enterCall(name, nr, abi, registers);
    let isMade = false;
    if (result === 0n) {
      this.memory.touchAll();
      for (const [hook, make] of hooks) {
        result = this.#runHook(hook, make(this.objects));
        if (result !== 0n) break;
      }
      isMade = result === 0n;
      if (isMade) result = retval;
    }
    if (isMade) made.does?.();
    if (isMade) kernel.bootNs += made.takesNs ?? 0n;
    if (made.skipsExit !== true) this.#exitCall(name, abi, registers, result);
    return {
      retval: result,
      isMade,
      records: kernel.records.slice(records),
      signals: kernel.signals.slice(signals),
    };
  }

  #registers(nr: number, abi: Abi, args: readonly Argument[]): bigint {
    const values: Partial<Record<keyof KernelFacts["regs"], bigint>> = {
      orig_ax: BigInt(nr),
      ip: 0x401000n,
      sp: 0x7ffc_0000n,
    };
    archOf(abi).argumentRegisters.forEach((register, i) => {
      values[register] = this.#value(args[i] ?? 0, wordSize(abi));
    });
    const address = this.objects.registers(values);
    this.kernel.registers = address;
    return address;
  }

  #value(argument: Argument, size: 4 | 8): bigint {
    if (typeof argument === "object" && "list" in argument) {
      const known = new Map(
        [...new Set(argument.list)].map((one) => [one, this.#value(one, size)]),
      );
      const words = argument.list.map((one) => known.get(one) ?? 0n);
      return this.memory.placeAtEnd(
        wordsOf(argument.isOpen === true ? words : [...words, 0n], size),
      );
    }
    if (typeof argument === "object" && "pieces" in argument) {
      const words = argument.pieces.flatMap((one) =>
        typeof one === "string"
          ? [this.#value(one, size), BigInt(one.length)]
          : [one.at, BigInt(one.length)],
      );
      return this.memory.placeAtEnd(wordsOf(words, size));
    }
    if (typeof argument === "object" && "across" in argument) {
      const { across, inFirstPage, rest } = argument;
      return this.memory.placeAcross(Buffer.from(across, "latin1"), inFirstPage, rest);
    }
    if (typeof argument === "object" || typeof argument === "string") {
      const isUntouched = typeof argument === "object" && "untouched" in argument;
      const content = isUntouched ? argument.untouched : argument;
      const bytes = typeof content === "string" ? Buffer.from(`${content}\0`, "latin1") : content;
      return this.memory.place(bytes, isUntouched);
    }
    return BigInt.asUintN(64, BigInt(argument));
  }

  #enterCall(name: string, nr: number, abi: Abi, registers: bigint): bigint {
    const entry = this.#machine.entryFunction(abi, name)?.name;
    let decided = 0n;
    for (const { of, cpu } of this.#programs) {
      const { attachment: at } = of;
      if (at.kind === "raw_tracepoint" && at.name === "sys_enter")
        cpu.run(this.#context([registers, BigInt(nr)]));
      if (!("function" in at) || at.function !== entry) continue;
      if (at.kind === "fentry") cpu.run(this.#context([registers]));
      if (at.kind === "fmod_ret")
        decided ||= BigInt.asIntN(64, cpu.run(this.#context([registers])));
      if (at.kind === "kprobe") {
        this.kernel.overridden = undefined;
        cpu.run(this.objects.registers({ di: registers }));
        decided ||= BigInt.asIntN(64, this.kernel.overridden ?? 0n);
      }
    }
    return decided;
  }

  #runHook(hook: string, args: readonly bigint[]): bigint {
    const { hookKind } = this.#machine;
    if (hookKind === undefined) return 0n;
    const name = hookFunction(hook, hookKind);
    for (const { of, cpu } of this.#programs) {
      const { attachment: at } = of;
      if ((at.kind !== "lsm" && at.kind !== "hook") || at.function !== name) continue;
      const result = BigInt.asIntN(64, cpu.run(this.#context(args)));
      if (result !== 0n) return result;
    }
    return 0n;
  }

  #exitCall(name: string, abi: Abi, registers: bigint, result: bigint): void {
    const exit = this.#machine.entryFunction(abi, name)?.name;
    for (const { of, cpu } of this.#programs) {
      const { attachment: at } = of;
      if (at.kind === "raw_tracepoint" && at.name === "sys_exit")
        cpu.run(this.#context([registers, result]));
      if (!("function" in at) || at.function !== exit) continue;
      if (at.kind === "fexit") cpu.run(this.#context([registers, result]));
      if (at.kind === "kretprobe") cpu.run(this.objects.registers({ ax: result }));
    }
  }

  /** An array of 64-bit words, as most programs get it in r1. */
  #context(words: readonly bigint[]): bigint {
    const address = this.kernel.memory.allocate("context", words.length * WORD, false);
    const view = this.kernel.memory.view(address, words.length * WORD);
    words.forEach((word, i) => {
      view.setBigUint64(i * WORD, BigInt.asUintN(64, word), true);
    });
    return address;
  }

  /** Number of the rule set that judges calls from now on. */
  putInForce(generation: number): void {
    const control = this.kernel.maps.get(MapName.control);
    if (control === undefined) throw new Error("there is no control map");
    this.kernel.memory.view(control.first, 4).setUint32(ControlOffset.generation, generation, true);
  }

  /** A counter of what is no match, of the rule with this index. */
  rareCount(rule: number, name: keyof typeof RareCounterOffset): bigint {
    const counters = this.kernel.maps.get(MapName.rareCounters);
    if (counters === undefined) throw new Error("there are no counters");
    const at = counters.first + BigInt(rule * RARE_COUNTERS_SIZE + RareCounterOffset[name]);
    return this.kernel.memory.view(at, 8).getBigUint64(0, true);
  }

  /** A counter of the rule with this index. */
  count(rule: number, name: keyof typeof CounterOffset): bigint {
    const counters = this.kernel.maps.get(MapName.counters);
    if (counters === undefined) throw new Error("there are no counters");
    const at = counters.first + BigInt(rule * COUNTERS_SIZE + CounterOffset[name]);
    return this.kernel.memory.view(at, 8).getBigUint64(0, true);
  }
}

function wordsOf(words: readonly bigint[], size: 4 | 8): Uint8Array {
  const bytes = Buffer.alloc(words.length * size);
  for (const [i, word] of words.entries()) {
    if (size === 8) bytes.writeBigUInt64LE(word, i * size);
    else bytes.writeUInt32LE(Number(word), i * size);
  }
  return bytes;
}
