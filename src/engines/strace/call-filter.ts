/** A seccomp filter that stops only the calls of a set: --seccomp-bpf. */
import type { Abi } from "../../language/index.ts";
import { abis, archOf, findCall } from "../../linux/index.ts";
import { SECCOMP_RET } from "../../sys/index.ts";
import type { CallSet, TracePlan } from "./plan.ts";

const LOAD_WORD = 0x20;
const JUMP_IF_EQUAL = 0x15;
const JUMP_IF_GREATER = 0x25;
const JUMP_IF_GREATER_OR_EQUAL = 0x35;
const RETURN = 0x06;
const INSTRUCTION_SIZE = 8;
const JUMP = 0x05;
/** Offsets in struct seccomp_data. */
const [NR_AT, ARCH_AT] = [0, 4];
const MOST_CALLS = 1024;
/** Of the command's start, which the trace has to see. */
const ALWAYS = ["execve", "execveat", "exit_group"];

type Instruction = readonly [code: number, k: number, jt?: number, jf?: number];

/** Of the calls that are shown or changed: struct sock_filter, one after another. */
export function filterFor(plan: Pick<TracePlan, "traced" | "injections">): Uint8Array {
  const calls: CallSet = (nr, abi) =>
    plan.traced(nr, abi) || plan.injections.some((injection) => injection.calls(nr, abi));
  const program: readonly Instruction[] = [
    [LOAD_WORD, ARCH_AT],
    ...abis.flatMap((abi) => {
      const block = blockOf(calls, abi);
      // a conditional jump reaches 255 instructions, and a block can be longer
      return [
        [JUMP_IF_EQUAL, archOf(abi).auditArch, 1, 0],
        [JUMP, block.length],
        ...block,
      ] satisfies readonly Instruction[];
    }),
    [RETURN, SECCOMP_RET.ALLOW],
  ];
  const bytes = new Uint8Array(program.length * INSTRUCTION_SIZE);
  const view = new DataView(bytes.buffer);
  program.forEach(([code, k, jt = 0, jf = 0], i) => {
    const at = i * INSTRUCTION_SIZE;
    view.setUint16(at, code, true);
    view.setUint8(at + 2, jt);
    view.setUint8(at + 3, jf);
    view.setUint32(at + 4, k >>> 0, true);
  });
  return bytes;
}

function blockOf(calls: CallSet, abi: Abi): readonly Instruction[] {
  const instructions: Instruction[] = [[LOAD_WORD, NR_AT]];
  for (const [first, last] of rangesOf(calls, abi))
    instructions.push(
      [JUMP_IF_GREATER_OR_EQUAL, first, 0, 2],
      [JUMP_IF_GREATER, last, 1, 0],
      [RETURN, SECCOMP_RET.TRACE],
    );
  return [...instructions, [RETURN, SECCOMP_RET.ALLOW]];
}

function rangesOf(calls: CallSet, abi: Abi): readonly (readonly [number, number])[] {
  const always = new Set(ALWAYS.map((name) => findCall(name, abi)?.nr));
  const isIn = (nr: number): boolean => always.has(nr) || calls(nr, abi);
  const ranges: (readonly [number, number])[] = [];
  for (let nr = 0; nr < MOST_CALLS; nr++) {
    if (!isIn(nr)) continue;
    const first = nr;
    while (nr + 1 < MOST_CALLS && isIn(nr + 1)) nr++;
    ranges.push([first, nr]);
  }
  return ranges;
}
