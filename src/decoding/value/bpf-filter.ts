/** Filters of the classic kind: seccomp(2), sockets. */
import type { Show } from "../piece.ts";
import { formatArray } from "./array.ts";
import { addressOf, fetchBytes, type MemoryForm, readNumber } from "./form.ts";
import { formatHex, formatPointer } from "./number.ts";

const SIZES = ["BPF_W", "BPF_H", "BPF_B"];
const MODES = ["BPF_IMM", "BPF_ABS", "BPF_IND", "BPF_MEM", "BPF_LEN", "BPF_MSH"];
const CLASSES = [
  "BPF_LD",
  "BPF_LDX",
  "BPF_ST",
  "BPF_STX",
  "BPF_ALU",
  "BPF_JMP",
  "BPF_RET",
  "BPF_MISC",
];
const ALU =
  `BPF_ADD BPF_SUB BPF_MUL BPF_DIV BPF_OR BPF_AND BPF_LSH BPF_RSH BPF_NEG BPF_MOD BPF_XOR`.split(
    " ",
  );
const JUMPS = `BPF_JA BPF_JEQ BPF_JGT BPF_JGE BPF_JSET`.split(" ");
const RETURNS = ["BPF_K", "BPF_X", "BPF_A"];
const LD = 0;
const LDX = 1;
const ALU_CLASS = 4;
const JUMP_CLASS = 5;
const RETURN_CLASS = 6;
const MISC_CLASS = 7;

/** `BPF_LD|BPF_W|BPF_ABS`. */
function formatCode(code: number): string {
  const kind = code & 7;
  const name = CLASSES[kind] ?? "";
  const operation = code >> 4;
  const hex = (bits: number): string => formatHex(BigInt(bits));
  switch (kind) {
    case LD:
    case LDX: {
      const size = SIZES[(code >> 3) & 3] ?? `${hex(code & 0x18)} /* BPF_??? */`;
      return `${name}|${size}|${MODES[code >> 5] ?? `${hex(code & ~0x1f)} /* BPF_??? */`}`;
    }
    case ALU_CLASS:
    case JUMP_CLASS: {
      const table = kind === ALU_CLASS ? ALU : JUMPS;
      const own = table[operation] ?? `${hex(code & ~0xf)} /* BPF_??? */`;
      return `${name}|${(code & 8) === 0 ? "BPF_K" : "BPF_X"}|${own}`;
    }
    case RETURN_CLASS: {
      const from = RETURNS[(code >> 3) & 3] ?? `${hex(code & 0x18)} /* BPF_??? */`;
      return `${name}|${from}${(code & ~0x1f) === 0 ? "" : `|${hex(code & ~0x1f)} /* BPF_??? */`}`;
    }
    case MISC_CLASS:
      return `${name}|${(code & 0xf8) === 0x80 ? "BPF_TXA" : (code & 0xf8) === 0 ? "BPF_TAX" : `${hex(code & 0xf8)} /* BPF_??? */`}`;
    default:
      return code >> 3 === 0 ? name : `${name}|${hex(code & ~7)} /* BPF_??? */`;
  }
}

const RETURN_ACTIONS: ReadonlyMap<number, string> = new Map([
  [0x80000000, "SECCOMP_RET_KILL_PROCESS"],
  [0, "SECCOMP_RET_KILL_THREAD"],
  [0x30000, "SECCOMP_RET_TRAP"],
  [0x50000, "SECCOMP_RET_ERRNO"],
  [0x7fc00000, "SECCOMP_RET_USER_NOTIF"],
  [0x7ff00000, "SECCOMP_RET_TRACE"],
  [0x7ffc0000, "SECCOMP_RET_LOG"],
  [0x7fff0000, "SECCOMP_RET_ALLOW"],
]);

function formatConstant(code: number, k: number, isSeccomp: boolean): string {
  const isAnswer = isSeccomp && (code & 7) === RETURN_CLASS && (code & 0x18) === 0;
  if (!isAnswer) return formatHex(BigInt(k));
  const action = (k & 0xffff0000) >>> 0;
  const data = k & 0xffff;
  const name = RETURN_ACTIONS.get(action) ?? `${formatHex(BigInt(action))} /* SECCOMP_RET_??? */`;
  return data === 0 ? name : `${name}|${formatHex(BigInt(data))}`;
}

function statement(isSeccomp: boolean): MemoryForm {
  return {
    size: () => 8,
    format(_, bytes) {
      const code = Number(readNumber(bytes, 0, 2));
      const [yes = 0, no = 0] = [bytes[2], bytes[3]];
      const k = formatConstant(code, Number(readNumber(bytes, 4, 4)), isSeccomp);
      const text = formatCode(code);
      if (yes === 0 && no === 0) return `BPF_STMT(${text}, ${k})`;
      return `BPF_JUMP(${text}, ${k}, ${formatHex(BigInt(yes))}, ${formatHex(BigInt(no))})`;
    },
  };
}

/** As many as the kernel takes. */
const MOST_STATEMENTS = 4096n;

function program(isSeccomp: boolean): Show {
  const form = statement(isSeccomp);
  return (call, value) => {
    const address = addressOf(call, value);
    const bytes = fetchBytes(call, address, 2 * call.word);
    if (bytes === undefined) return formatPointer(address);
    const length = readNumber(bytes, 0, 2);
    const filter = readNumber(bytes, call.word, call.word);
    const isList = call.options.abbreviate || length > MOST_STATEMENTS;
    const text = isList ? formatPointer(filter) : formatArray(call, filter, length, form);
    return `{len=${length}, filter=${text}}`;
  };
}

/** Without -v the address of the program alone. */
export const showFilterProgram = program(true);
export const showSocketFilter = program(false);
