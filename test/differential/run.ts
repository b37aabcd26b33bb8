/** One rule set, any number of calls: what the bytecode decides and what the evaluator says. */
import type { Assembled } from "../../src/bpf/asm/index.ts";
import { compileForTest, INPUT_HEADER_SIZE, INPUT_SIZE } from "../../src/compiler/final-program.ts";
import { type CompiledMap, type KernelFacts, tracepointsOnly } from "../../src/compiler/index.ts";
import { FrequencyCounter, randomFrom } from "../../src/engines/supervised/frequency.ts";
import { RecordOffset } from "../../src/events/layout.ts";
import {
  type CallView,
  type CheckedRule,
  evaluateRules,
  type IntVariable,
  type Listener,
  type Presentation,
  type RealCall,
  type StringVariable,
} from "../../src/language/index.ts";
import { vocabulary } from "../../src/linux/index.ts";
import type { Arena } from "./arena.ts";
import { asksForCaller, type TestCaller } from "./caller.ts";
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
  /** Those that can make the calls. */
  readonly callers: readonly TestCaller[];
  /** Two bits per rule, for the content of `sct_input` and the nth caller. */
  decide(input: Uint8Array, caller: number): number;
  /** What a descriptor of the nth caller stands for. */
  readonly openFile: FindOpenFile;
  close(): void;
}

export type OpenDecider = (program: {
  readonly code: Assembled;
  readonly maps: readonly CompiledMap[];
  /** Rules look at what callers are. */
  readonly asksForCaller: boolean;
}) => Decider;

/** Of choices by chance, on both sides. */
const SEED = 7;

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
  readonly #counters: ReadonlyMap<CheckedRule, FrequencyCounter>;

  constructor(rules: readonly CheckedRule[], facts: KernelFacts, arena: Arena, open: OpenDecider) {
    this.#rules = rules;
    this.#arena = arena;
    this.#presentations = rules.flatMap((rule) => rule.targets.flatMap((t) => t.presentations));
    const random = randomFrom(SEED);
    this.#counters = new Map(
      rules.flatMap((rule) =>
        rule.frequency === undefined
          ? []
          : [[rule, new FrequencyCounter(rule.frequency, random)] as const],
      ),
    );
    // two rules that differ in constants alone share code already
    const options = { machine: tracepointsOnly(facts), ringBytes: 4096, seed: SEED, groupsFrom: 2 };
    const program = compileForTest(rules, options);
    this.#decider = open({ ...program, asksForCaller: asksForCaller(rules) });
  }

  /** Equal if the compiler is right. */
  compare(call: RandomCall): Compared {
    const presentation = this.#presentations[
      call.pick % this.#presentations.length
    ] as Presentation;
    const args = layOutArguments(call, presentation.abi, this.#arena, presentation);
    const caller = call.caller % this.#decider.callers.length;
    const decided = this.#decider.decide(encode(call, presentation, args), caller);
    const evaluator = this.#evaluate(call, presentation, args, caller);
    return { decided, evaluator, presentation, args };
  }

  close(): void {
    this.#decider.close();
  }

  /** `nth`: of the callers. */
  #evaluate(call: RandomCall, made: Presentation, args: readonly bigint[], nth: number): number {
    const caller = this.#decider.callers[nth] as TestCaller;
    let bits = 0;
    for (const when of ["before", "after"] as const) {
      const real: RealCall = {
        name: made.call,
        abi: made.abi,
        when,
        view: (presentation) => ({
          ...withCaller(view(call, presentation, args, this.#arena, when), caller),
          openFile: (fd) => this.#decider.openFile(fd, nth),
        }),
      };
      const isDue: Listener["isDue"] = (rule, seen) =>
        this.#counters.get(rule)?.isDue(seen, 0n) ?? true;
      for (const { rule, unreadable } of evaluateRules(this.#rules, real, vocabulary, { isDue })) {
        const at = this.#rules.indexOf(rule) * 2;
        bits |= (unreadable ? 3 : 1) << at;
      }
    }
    return bits >>> 0;
  }
}

function withCaller(call: CallView, { numbers, texts, ancestors }: TestCaller): CallView {
  return {
    ...call,
    intVariable: (name) => numbers[name] ?? call.intVariable(name),
    stringVariable: (name) => {
      const text = texts[name];
      if (text === undefined) return call.stringVariable(name);
      return { bytes: Buffer.from(text, "latin1"), truncated: false };
    },
    descendsFrom: (ancestor) =>
      ancestors.some(([pid, comm]) => (typeof ancestor === "number" ? pid : comm) === ancestor),
  };
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
