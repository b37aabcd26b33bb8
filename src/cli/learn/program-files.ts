/** What the kernel opens when it executes a program: the interpreters of scripts, and the loaders of dynamic programs. */
import { closeSync, openSync, readSync, realpathSync } from "node:fs";

export interface ProgramFiles {
  /** Interpreters that scripts name, each of which is executed, too. */
  readonly interpreters: readonly Buffer[];
  /** Of the program itself or its interpreter. */
  readonly loader: Buffer | undefined;
}

/** The kernel looks at as many bytes of a script. */
const HEAD_BYTES = 4096;
/** The kernel follows as many interpreters of interpreters. */
const MOST_INTERPRETERS = 5;
const SCRIPT = /^#![ \t]*([^ \t\n]+)/;
const ELF = "\x7fELF";
const ELF_64 = 2;
const PT_INTERP = 3;

/** Empty where a file cannot be read: the kernel then fails, or others can see more than we do. */
export function programFiles(program: Buffer): ProgramFiles {
  const interpreters: Buffer[] = [];
  let head = headOf(program);
  while (head !== undefined && interpreters.length < MOST_INTERPRETERS) {
    const name = SCRIPT.exec(head.toString("latin1"))?.[1];
    if (name === undefined) break;
    const real = resolved(Buffer.from(name, "latin1"));
    if (real === undefined) break;
    interpreters.push(real);
    head = headOf(real);
  }
  const loader = head && loaderOf(head);
  return { interpreters, loader: loader && resolved(loader) };
}

/** elf(5): the program header of the interpreter, which linkers put into the first page. */
function loaderOf(head: Buffer): Buffer | undefined {
  if (head.length < 64 || head.toString("latin1", 0, 4) !== ELF) return undefined;
  const is64 = head[4] === ELF_64;
  const table = is64 ? Number(head.readBigUInt64LE(32)) : head.readUInt32LE(28);
  const size = head.readUInt16LE(is64 ? 54 : 42);
  const count = head.readUInt16LE(is64 ? 56 : 44);
  for (let i = 0; i < count; i++) {
    const at = table + i * size;
    if (at + size > head.length || size < 32) return undefined;
    if (head.readUInt32LE(at) !== PT_INTERP) continue;
    const offset = is64 ? Number(head.readBigUInt64LE(at + 8)) : head.readUInt32LE(at + 4);
    const length = is64 ? Number(head.readBigUInt64LE(at + 32)) : head.readUInt32LE(at + 16);
    if (offset + length > head.length || length < 2) return undefined;
    return head.subarray(offset, offset + length - 1);
  }
  return undefined;
}

function headOf(file: Buffer): Buffer | undefined {
  try {
    const fd = openSync(file, "r");
    try {
      const head = Buffer.alloc(HEAD_BYTES);
      return head.subarray(0, readSync(fd, head, 0, HEAD_BYTES, 0));
    } finally {
      closeSync(fd);
    }
  } catch {
    return undefined;
  }
}

function resolved(file: Buffer): Buffer | undefined {
  try {
    return realpathSync(file, "buffer");
  } catch {
    return undefined;
  }
}
