/** A call that never happened: memory and variables as a `test` block gives them, everything else 0 and "". */
import { AF_INET, AF_INET6, AF_UNIX } from "../../base/linux-abi.ts";
import { variable } from "../../variables/index.ts";
import type { CallView, StringRead } from "../call-view.ts";
import type { CheckedTest } from "../checked/index.ts";
import type { Abi, Presentation, ValueSource, VectorData, Vocabulary } from "../vocabulary.ts";
import { GivenFiles, stringRead } from "./given-files.ts";
import { chooseField } from "./read-field.ts";
import type { RealCall } from "./rules.ts";

type TestCall = CheckedTest["call"];

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Where the first piece of memory lies; low enough for 32-bit pointers. */
const BASE = 0x1000_0000n;
/** Between pieces, so that reading past the end of one is seen. */
const GAP = 0x1000n;

interface Piece {
  readonly address: bigint;
  readonly bytes: Uint8Array;
}

/** Memory and registers of a test's call, for all presentations of it. */
class Machine {
  readonly registers: bigint[] = [0n, 0n, 0n, 0n, 0n, 0n];
  readonly #pieces: Piece[] = [];
  #next = BASE;

  /** Places bytes (and a NUL behind them) and gives their address. */
  place(bytes: Uint8Array): bigint {
    const address = this.#next;
    const terminated = new Uint8Array(bytes.length + 1);
    terminated.set(bytes);
    this.#pieces.push({ address, bytes: terminated });
    this.#next += ((BigInt(terminated.length) + GAP - 1n) / GAP + 1n) * GAP;
    return address;
  }

  /** Stores a value where a presentation takes it from. */
  store(source: ValueSource, value: bigint): void {
    if (source.kind === "arg") this.registers[source.index] = value;
    if (source.kind !== "memory") return;
    let block = this.#pieces.find(({ address }) => address === this.registers[source.pointerArg]);
    if (!block) {
      this.registers[source.pointerArg] = this.place(new Uint8Array(256));
      block = this.#pieces.at(-1);
    }
    for (let i = 0; i < source.size; i++) {
      if (block) block.bytes[source.offset + i] = Number((value >> BigInt(8 * i)) & 0xffn);
    }
  }

  /** The struct that a register points to; made of zeros if it points to none. */
  structAt(register: number): Uint8Array {
    const address = this.registers[register];
    const known = this.#pieces.find((piece) => piece.address === address);
    if (known) return known.bytes;
    this.registers[register] = this.place(new Uint8Array(256));
    return this.#pieces.at(-1)?.bytes ?? new Uint8Array(256);
  }

  /** The struct that a pointer in another one leads to; made of zeros if it is NULL. */
  behind(struct: Uint8Array, { offset, size }: { offset: number; size: number }): Uint8Array {
    const pointer = new DataView(struct.buffer, struct.byteOffset + offset, size);
    const address = size === 8 ? pointer.getBigUint64(0, true) : BigInt(pointer.getUint32(0, true));
    const known = this.#pieces.find((piece) => piece.address === address);
    if (known) return known.bytes;
    const made = this.place(new Uint8Array(256));
    if (size === 8) pointer.setBigUint64(0, made, true);
    else pointer.setUint32(0, Number(made), true);
    return this.#pieces.at(-1)?.bytes ?? new Uint8Array(256);
  }

  read(address: bigint, size: number): Uint8Array | undefined {
    for (const piece of this.#pieces) {
      const offset = address - piece.address;
      if (offset >= 0n && offset + BigInt(size) <= BigInt(piece.bytes.length)) {
        return piece.bytes.subarray(Number(offset), Number(offset) + size);
      }
    }
    return undefined;
  }

  readString(address: bigint): StringRead | undefined {
    for (const { address: start, bytes } of this.#pieces) {
      if (address < start || address >= start + BigInt(bytes.length)) continue;
      const from = bytes.subarray(Number(address - start));
      return stringRead(from.subarray(0, Math.max(0, from.indexOf(0))));
    }
    return undefined;
  }
}

/** The call of a test, before it ran or after it returned. */
export class SyntheticCall implements RealCall {
  readonly name: string;
  readonly abi: Abi;
  readonly when: "before" | "after";
  readonly #test: TestCall;
  readonly #machine: Machine;
  readonly #files: GivenFiles;
  readonly #vocabulary: Vocabulary;
  readonly #retval: bigint | undefined;

  constructor(
    test: TestCall,
    vocabulary: Vocabulary,
    after?: { machine: Machine; retval: bigint },
  ) {
    this.#test = test;
    this.#vocabulary = vocabulary;
    this.name = test.name;
    this.when = after ? "after" : "before";
    this.#retval = after?.retval;
    this.abi = this.#chooseAbi(textOf(test.variables.get("ABI")));
    this.#machine = after?.machine ?? this.#load();
    this.#files = new GivenFiles(test.variables, this.#own(), vocabulary);
  }

  /** The native one unless the test asks for another; calls that it lacks have the other one anyway. */
  #chooseAbi(wanted: string): Abi {
    const [native, ...others] = this.#vocabulary.abis;
    const only = this.#vocabulary.presentations(this.name, "exact")?.[0]?.abi;
    return others.find((abi) => abi === wanted) ?? only ?? native;
  }

  /** The call with the parameters that it has. */
  #own(): Presentation | undefined {
    const all = this.#vocabulary.presentations(this.name, "exact") ?? [];
    return all.find(({ abi }) => abi === this.abi) ?? all[0];
  }

  #load(): Machine {
    const machine = new Machine();
    const prototype = this.#own();
    for (const [i, arg] of this.#test.args.entries()) {
      const source = prototype?.params[i]?.source;
      if (!source) continue;
      const value = arg instanceof Uint8Array ? machine.place(arg) : (arg ?? 0n);
      machine.store(source, BigInt.asUintN(this.#vocabulary.wordSize(this.abi) * 8, value));
    }
    for (const [name, value] of this.#test.variables) {
      const [, index, field] = /^PARAMS\[(\d+)\]\.(.+)$/.exec(name) ?? [];
      const param = prototype?.params[Number(index) - 1];
      if (prototype && param && field !== undefined)
        this.#storeField(machine, prototype, param, field, value);
    }
    return machine;
  }

  #storeField(
    machine: Machine,
    { params }: Presentation,
    { source, type, data }: Presentation["params"][number],
    name: string,
    value: bigint | Uint8Array,
  ): void {
    if (name === "data" && data && source.kind === "arg" && typeof value !== "bigint") {
      storeData(machine, source.index, data, value, this.#vocabulary.wordSize(this.abi));
      return;
    }
    const known = type.struct && this.#vocabulary.structField(type.struct, name, this.abi);
    if (source.kind !== "arg" || !known) return;
    const field = chooseField(known, (index) => {
      const of = params[index - 1]?.source;
      return of?.kind === "arg" ? (machine.registers[of.index] ?? 0n) : "absent";
    });
    // the call has no such member
    if (typeof field === "string") return;
    const given = machine.structAt(source.index);
    const struct = field.behind === undefined ? given : machine.behind(given, field.behind);
    const last = name.slice(name.lastIndexOf(".") + 1);
    const family = FAMILY_OF_FIELD.get(last);
    if (family !== undefined && struct[0] === 0 && struct[1] === 0) struct[0] = family;
    if (typeof value === "bigint") {
      const { size } = field.type;
      for (let i = 0; i < size; i++) {
        const at = field.bigEndian ? size - 1 - i : i;
        struct[field.offset + at] = Number((value >> BigInt(8 * i)) & 0xffn);
      }
    } else if (ADDRESSES.has(last)) {
      // as readAddress() finds it: by the family, whatever the field is called
      struct[0] = value.length === 4 ? AF_INET : AF_INET6;
      struct.set(value, value.length === 4 ? 4 : 8);
    } else if (/\[\d+\]$/.test(field.type.c)) struct.set(value, field.offset);
    else {
      const pointer = machine.place(value);
      for (let i = 0; i < field.type.size; i++)
        struct[field.offset + i] = Number((pointer >> BigInt(8 * i)) & 0xffn);
    }
  }

  /** The same call once it returned. */
  returned(retval: bigint): SyntheticCall {
    return new SyntheticCall(this.#test, this.#vocabulary, { machine: this.#machine, retval });
  }

  view(presentation: Presentation): CallView {
    const machine = this.#machine;
    const { variables } = this.#test;
    const number = (name: string): bigint => {
      const value = variables.get(name);
      return typeof value === "bigint" ? value : 0n;
    };
    const text = (name: string): StringRead | undefined => {
      const value = variables.get(name);
      return value instanceof Uint8Array ? stringRead(value) : undefined;
    };
    const view: CallView = {
      presentation,
      wordSize: this.#vocabulary.wordSize(presentation.abi),
      arg: (index) => machine.registers[index] ?? 0n,
      readMemory: (address, size) => machine.read(address, size),
      readString: (address) => machine.readString(address),
      intVariable: (name) => {
        if (name === "RETVAL") return this.#retval;
        if (name === "SYSCALL") return BigInt(presentation.nr);
        // given UID = 1000, nobody expects EUID to be root
        const { inTests } = variable(name);
        const like = inTests !== undefined && "like" in inTests ? inTests.like : name;
        return number(variables.has(name) ? name : like);
      },
      stringVariable: (name) => {
        if (name === "SNAME") return stringRead(encoder.encode(presentation.call));
        if (name === "ABI") return stringRead(encoder.encode(this.abi));
        return text(name) ?? stringRead(new Uint8Array());
      },
      path: (index) => this.#files.path(view, index),
      openFile: (fd) => this.#files.openFile(view, fd),
      argv: (index) => {
        if (index !== undefined) return text(`ARGV[${index}]`) ?? null;
        const all: string[] = [];
        for (let i = 0, one = text("ARGV[0]"); one; one = text(`ARGV[${++i}]`))
          all.push(decoder.decode(one.bytes));
        return text("ARGV") ?? stringRead(encoder.encode(all.join(" ")));
      },
      envp: (name) => text(`ENVP[${name}]`) ?? null,
      descendsFrom: (ancestor) => {
        const given = variables.get(`descends_from(${ancestor})`);
        if (typeof given === "bigint") return given !== 0n;
        return typeof ancestor === "number"
          ? number("PPID") === BigInt(ancestor)
          : textOf(variables.get("PCOMM")) === ancestor;
      },
    };
    return view;
  }
}

/** As a vector of one piece. */
function storeData(
  machine: Machine,
  register: number,
  { count }: VectorData,
  value: Uint8Array,
  word: number,
): void {
  const words = (numbers: readonly bigint[]): Uint8Array =>
    Uint8Array.from({ length: numbers.length * word }, (_, i) =>
      Number(((numbers[Math.floor(i / word)] ?? 0n) >> BigInt(8 * (i % word))) & 0xffn),
    );
  const vector = machine.place(words([machine.place(value), BigInt(value.length)]));
  if (count !== undefined) {
    machine.store({ kind: "arg", index: register }, vector);
    machine.store(count, 1n);
  } else machine.structAt(register).set(words([vector, 1n]), 2 * word);
}

const ADDRESSES: ReadonlySet<string> = new Set(["addr", "sin_addr", "sin6_addr", "s_addr"]);
/** A test that sets a port means a socket that has one. */
const FAMILY_OF_FIELD: ReadonlyMap<string, number> = new Map([
  ["sin_port", AF_INET],
  ["sin6_port", AF_INET6],
  ["sun_path", AF_UNIX],
  ["path", AF_UNIX],
]);

function textOf(value: bigint | Uint8Array | undefined): string {
  return value instanceof Uint8Array ? decoder.decode(value) : "";
}
