/** One rule set, any number of calls: what the bytecode decides and what the evaluator says. */
import type { Assembled } from "../../src/bpf/asm/index.ts";
import { compileForTest, INPUT_HEADER_SIZE, INPUT_SIZE } from "../../src/compiler/final-program.ts";
import { type CompiledMap, type KernelFacts, tracepointsOnly } from "../../src/compiler/index.ts";
import { RecordOffset } from "../../src/events/layout.ts";
import {
  type CallView,
  type CheckedRule,
  evaluateRules,
  type IntVariable,
  type Presentation,
  type RealCall,
  type StringVariable,
} from "../../src/language/index.ts";
import { vocabulary } from "../../src/linux/index.ts";
import type { Arena } from "./arena.ts";
import { argv, envp } from "./lists.ts";
import type { FindOpenFile } from "./open-files.ts";
import {
  layOutArguments,
  NUMBER_FIELDS,
  type NumberField,
  type RandomCall,
} from "./random-call.ts";

/** Runs the program that decides: the kernel, or an interpreter. */
export interface Decider {
  /** Two bits per rule, for the content of `sct_input`. */
  decide(input: Uint8Array): number;
  /** What a descriptor of the task stands for. */
  readonly openFile: FindOpenFile;
  close(): void;
}

export type OpenDecider = (program: {
  readonly code: Assembled;
  readonly maps: readonly CompiledMap[];
}) => Decider;

export interface Compared {
  /** Two bits per rule from each side. */
  readonly decided: number;
  readonly evaluator: number;
  readonly presentation: Presentation;
  readonly args: readonly bigint[];
}

export function callText({ presentation, args }: Compared): string {
  return `${presentation.abi} ${presentation.call}(${args.join(", ")})`;
}

export class Differential {
  readonly #rules: readonly CheckedRule[];
  readonly #presentations: readonly Presentation[];
  readonly #arena: Arena;
  readonly #decider: Decider;

  constructor(rules: readonly CheckedRule[], facts: KernelFacts, arena: Arena, open: OpenDecider) {
    this.#rules = rules;
    this.#arena = arena;
    this.#presentations = rules.flatMap((rule) => rule.targets.flatMap((t) => t.presentations));
    this.#decider = open(
      compileForTest(rules, { machine: tracepointsOnly(facts), ringBytes: 4096 }),
    );
  }

  /** Equal if the compiler is right. */
  compare(call: RandomCall): Compared {
    const presentation = this.#presentations[
      call.pick % this.#presentations.length
    ] as Presentation;
    const args = layOutArguments(call, presentation.abi, this.#arena, presentation);
    const decided = this.#decider.decide(encode(call, presentation, args));
    return { decided, evaluator: this.#evaluate(call, presentation, args), presentation, args };
  }

  close(): void {
    this.#decider.close();
  }

  #evaluate(call: RandomCall, made: Presentation, args: readonly bigint[]): number {
    let bits = 0;
    for (const when of ["before", "after"] as const) {
      const real: RealCall = {
        name: made.call,
        abi: made.abi,
        when,
        view: (presentation) => ({
          ...view(call, presentation, args, this.#arena, when),
          openFile: this.#decider.openFile,
        }),
      };
      for (const { rule, unreadable } of evaluateRules(this.#rules, real, vocabulary)) {
        const at = this.#rules.indexOf(rule) * 2;
        bits |= (unreadable ? 3 : 1) << at;
      }
    }
    return bits >>> 0;
  }
}

function encode(call: RandomCall, presentation: Presentation, args: readonly bigint[]): Uint8Array {
  const bytes = Buffer.alloc(INPUT_SIZE);
  bytes.writeUInt32LE(presentation.nr, 0);
  bytes.writeUInt32LE(presentation.abi === "i386" ? 1 : 0, 4);
  const record = bytes.subarray(INPUT_HEADER_SIZE);
  for (const field of NUMBER_FIELDS) record.writeUInt32LE(call.numbers[field], RecordOffset[field]);
  record.write(call.comm, RecordOffset.comm, "latin1");
  record.write(call.pcomm, RecordOffset.pcomm, "latin1");
  record.writeBigInt64LE(call.retval, RecordOffset.retval);
  record.writeBigInt64LE(call.duration, RecordOffset.duration);
  args.forEach((arg, i) => {
    record.writeBigUInt64LE(arg, RecordOffset.args + i * 8);
  });
  return bytes;
}

function view(
  call: RandomCall,
  presentation: Presentation,
  args: readonly bigint[],
  arena: Arena,
  when: "before" | "after",
): CallView {
  const text = (value: string): { bytes: Uint8Array; truncated: boolean } => ({
    bytes: Buffer.from(value, "latin1"),
    truncated: false,
  });
  const strings: Partial<Record<StringVariable, string>> = {
    COMM: call.comm,
    PCOMM: call.pcomm,
    SNAME: presentation.call,
    ABI: presentation.abi,
  };
  return {
    presentation,
    wordSize: vocabulary.wordSize(presentation.abi),
    arg: (index) => args[index] as bigint,
    readMemory: (address, size) => arena.read(address, size),
    readString: (address) => arena.readString(address),
    intVariable: (name: IntVariable) => {
      if (name === "RETVAL") return when === "after" ? call.retval : undefined;
      if (name === "DURATION") return call.duration;
      if (name === "SYSCALL") return BigInt(presentation.nr);
      const value = call.numbers[name.toLowerCase() as NumberField];
      return value === undefined ? undefined : BigInt(value);
    },
    stringVariable: (name) => {
      const value = strings[name];
      return value === undefined ? undefined : text(value);
    },
    path: () => undefined,
    argv: (index) => argv(presentation, args, arena, index),
    envp: (name) => envp(presentation, args, arena, name),
    descendsFrom: () => undefined,
  };
}
