/** The file that a descriptor of the caller is, where a call names none by text: struct path from the table of open files. */
import { type Assembler, R0, R1, R2, R3, R7, R9, R10 } from "../../bpf/asm/index.ts";
import { RecordOffset } from "../../events/layout.ts";
import { fileParameters } from "../../language/index.ts";
import type { Block } from "../plan/block.ts";
import type { Context } from "./context.ts";

const NO_DESCRIPTOR = 0x7fffffff;

/** Which register argument has the descriptor of the nth file of the block's call, or that of the directory it is looked for in. */
export function descriptorOf(block: Block, nth: number): number | undefined {
  for (const { candidates } of [...block.before, ...block.after])
    for (const { presentation } of candidates) {
      const param = presentation.params[(fileParameters(presentation)[nth] ?? 0) - 1];
      const source = param?.type.kind === "path" ? param.dirfd : param?.source;
      if (source?.kind === "arg") return source.index;
    }
  return undefined;
}

/**
 * Two words, mount and dentry, to the stack at `to`; `word` is a slot to work with. Goes to `unknown` if it is none. Another
 * thread may have put another file there: the caller compares. Uses r0 … r3.
 */
export function emitDescriptorFile(
  { a, facts: { path } }: Context,
  argument: number,
  { to, word, unknown }: { readonly to: number; readonly word: number; readonly unknown: string },
): void {
  const follow = (): void => readWord(a, word, unknown);
  a.load("u32", R1, R9, RecordOffset.args + argument * 8).jump("gt", R1, NO_DESCRIPTOR, unknown);
  a.lsh(R1, 3).store("u64", R10, to, R1);
  a.load("u64", R3, R7, path.taskFiles).jump("eq", R3, 0, unknown).add(R3, path.filesTable);
  follow();
  a.load("u64", R3, R10, word).add(R3, path.tableFiles);
  follow();
  a.load("u64", R3, R10, word).load("u64", R1, R10, to).add(R3, R1);
  follow();
  a.load("u64", R3, R10, word).jump("eq", R3, 0, unknown).add(R3, path.filePath);
  a.mov(R1, R10).add(R1, to).mov(R2, 16).call("bpf_probe_read_kernel").jump("ne", R0, 0, unknown);
}

/** One word at `*r3`. */
function readWord(a: Assembler, to: number, unknown: string): void {
  a.mov(R1, R10).add(R1, to).mov(R2, 8).call("bpf_probe_read_kernel").jump("ne", R0, 0, unknown);
}
